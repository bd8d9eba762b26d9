import type { Account, FactorType } from '../account/account';
import { isLabelTaken } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { readLabel } from './label';
import type { Scope } from './scope';
import { readSetup, type Setup } from './setup';
import { loadAccount } from './status';

/** The name its owner gives a new factor; `defaultLabel` where none is given. */
export interface Naming {
  readonly label?: unknown;
  readonly defaultLabel: string;
}

/** The first code of a new factor, and its name. */
export interface ConfirmInput extends Naming {
  readonly code: unknown;
}

export interface Confirming {
  readonly ok: true;
  readonly label: string;
  /** Its owner chose the name; else the first free one like it is taken, when the factor is made. */
  readonly isNamed: boolean;
  readonly setup: Setup;
  readonly account: Account;
}

/** The set-up of this login that is to be confirmed, and the name to give, before any proof is judged. */
export async function readConfirmation(
  scope: Scope,
  login: Login,
  kind: FactorType,
  input: Naming,
): Promise<Confirming | Refusal> {
  const named = input.label === undefined || input.label === '' ? null : readLabel(input.label);
  if (named && !named.ok) return named;

  const account = await loadAccount(scope, login.userId);
  const begun = await readSetup(scope, login, account, kind);
  if (!begun) return refuse('conflict', { reason: 'setup_expired' });
  if (begun.proof) return refuse('conflict');
  if (named && isLabelTaken(account, kind, named.label)) return refuse('duplicate', { field: 'label' });
  const label = named?.label ?? input.defaultLabel;
  return { ok: true, label, isNamed: named !== null, setup: begun.setup, account };
}
