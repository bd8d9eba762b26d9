import { audit } from './audit';
import type { Command } from './command';
import { status } from './status';

/** Every command by its name. */
export const commands: ReadonlyMap<string, Command> = new Map(Object.entries({ status, audit }));
