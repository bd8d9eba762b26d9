import type { FactorType } from '../account/account';
import { isLabelTaken } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import type { Access } from './access';
import { readLabel } from './label';
import type { Scope } from './scope';
import { readSetup, type Setup } from './setup';

/** The name its owner gives a new factor; `defaultLabel` where none is given. */
export interface Naming {
  readonly label?: unknown;
  readonly defaultLabel: string;
}

/** The first code of a new factor, and its name. */
export interface ConfirmInput extends Naming {
  readonly code: unknown;
}

export interface Confirming<Kind extends FactorType> {
  readonly ok: true;
  readonly label: string;
  /** Its owner chose the name; else the first free one like it is taken, when the factor is made. */
  readonly isNamed: boolean;
  readonly setup: Setup<Kind>;
}

/** The set-up of this login that is to be confirmed, and the name to give, before any proof is judged. */
export async function readConfirmation<Kind extends FactorType>(
  scope: Scope,
  access: Access,
  kind: Kind,
  input: Naming,
): Promise<Confirming<Kind> | Refusal> {
  const given = input.label === undefined || input.label === '' ? null : readLabel(input.label);
  if (given && !given.ok) return given;

  const begun = await readSetup(scope, access, kind);
  if (!begun) return refuse('conflict', { reason: 'setup_expired' });
  if (!begun.ok) return begun.refusal;
  if (begun.proof) return refuse('conflict');
  const { setup } = begun;
  const named = given?.label ?? setup.name;
  if (named !== null && isLabelTaken(access.account, kind, named))
    return refuse('duplicate', { field: 'label' });
  return { ok: true, label: named ?? input.defaultLabel, isNamed: named !== null, setup };
}
