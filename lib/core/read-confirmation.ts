import { isLabelTaken } from '../account/factors';
import { totpDigits } from '../crypto/otp';
import { refuse, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import type { Login } from '../stores/contracts';
import { readLabel } from './label';
import type { Scope } from './scope';
import { readSetup, type EnrolKind, type Setup } from './setup';
import { loadAccount } from './status';

/** The first code of a new factor, and the name its owner gives it; `defaultLabel` where none is given. */
export interface ConfirmInput {
  readonly code: unknown;
  readonly label?: unknown;
  readonly defaultLabel: string;
}

export interface Confirming {
  readonly ok: true;
  readonly code: string;
  readonly label: string;
  /** Its owner chose the name; else the first free one like it is taken, when the factor is made. */
  readonly isNamed: boolean;
  readonly setup: Setup;
}

/** What confirms the set-up of this login, before any code is judged: what is malformed costs no try. */
export async function readConfirmation(
  scope: Scope,
  login: Login,
  kind: EnrolKind,
  input: ConfirmInput,
): Promise<Confirming | Refusal> {
  const read = readDigits(input.code, totpDigits);
  if (!read.ok) return read;
  const named = input.label === undefined || input.label === '' ? null : readLabel(input.label);
  if (named && !named.ok) return named;

  const account = await loadAccount(scope, login.userId);
  const begun = await readSetup(scope, login, account, kind);
  if (!begun) return refuse('conflict', { reason: 'setup_expired' });
  if (begun.proof) return refuse('conflict');
  if (named && isLabelTaken(account, kind, named.label)) return refuse('duplicate', { field: 'label' });
  const label = named?.label ?? input.defaultLabel;
  return { ok: true, code: read.code, label, isNamed: named !== null, setup: begun.setup };
}
