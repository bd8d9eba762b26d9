import { audit } from './audit';
import type { Command } from './command';
import { requests } from './requests';
import { reset } from './reset';
import { status } from './status';
import { unlock } from './unlock';

/** Every command by its name. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ status, requests, reset, unlock, audit }),
);
