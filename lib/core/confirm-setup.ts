import type { Account, BackupCodes, Factor, FactorType } from '../account/account';
import { addFactor, freeLabel, isLabelTaken } from '../account/factors';
import { type Refusal, refuse } from '../errors';
import type { Access } from './access';
import { visitOf } from './browser';
import { refuseContact } from './contact-hold';
import { factorKind } from './kind';
import type { Proven, Setup } from './setup-data';
import { readLabel } from './label';
import { refuseFull } from './offer';
import type { FactorKind, Scope } from './scope';
import { cancelSetup, isOvertaken, proveSetup, readSetup, refuseSetup } from './setup';
import { unchanged, update } from './update';

/** Confirmed: the factor is in force, or (`codes`) waits for the backup codes to be acknowledged. */
export interface Confirmed {
  readonly ok: true;
  readonly factor: {
    readonly id: string;
    readonly type: FactorType;
    readonly label: string;
    readonly createdAt: number;
    readonly hint: string | null;
  };
  readonly codes: readonly string[] | null;
  /** The account as saved; null until the codes are acknowledged. */
  readonly account: Account | null;
  /** What the browser is to keep in its cookie; null until the codes are acknowledged. */
  readonly tokens: readonly string[] | null;
}

/** What follows a correct first code: the first factor waits for its backup codes, any other is added immediately. */
export async function confirmSetup(
  scope: Scope,
  access: Access,
  proven: Proven,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const { setup, proof } = proven;
  if (!setup.first) return addConfirmed(scope, access, proven, tokens);
  const proved = await proveSetup(scope, access.login, proven);
  // Another tab was faster, with another key or address: that one becomes the factor, and this one never will.
  if (proved.thing !== proof.thing) return refuse('conflict');
  const { kind: type, label, at: createdAt, hint } = proof;
  const factor = { id: setup.factorId, type, label, createdAt, hint };
  return { ok: true, factor, codes: setup.codes, account: null, tokens: null };
}

/** Adds the factor of a proven set-up, decided on the account that is saved over. */
export function addProven(
  account: Account,
  proven: Proven,
  codes: BackupCodes | null,
  now: number,
  scope: Scope,
): { readonly ok: true; readonly account: Account; readonly factor: Factor } | Refusal {
  const { setup, proof } = proven;
  const type = proof.kind;
  // A newer version began it.
  const kind: FactorKind | undefined = factorKind(scope.kinds, type);
  if (!kind) return refuse('conflict');
  if (proof.isNamed && isLabelTaken(account, type, proof.label))
    return refuse('duplicate', { field: 'label' });
  // Chosen in the save that adds it: another tab may have taken the name since.
  const label = proof.isNamed ? proof.label : freeLabel(account, type, proof.label);
  const { at: createdAt, usedUpTo } = proof;
  const base = { id: setup.factorId, label, createdAt, lastUsedAt: null, usedUpTo };
  const made = kind.make(account, proven, base, scope);
  return made.ok ? { ...made, account: addFactor(made.account, made.factor, codes, now) } : made;
}

async function addConfirmed(
  scope: Scope,
  access: Access,
  proven: Proven,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const { setup, proof } = proven;
  const { login } = access;
  const type = proof.kind;
  const added = await update<Confirmed | Refusal>(scope, login.userId, (account, now) => {
    const isVoid = isOvertaken(setup, account) || account.factors.some((one) => one.id === setup.factorId);
    const full = isVoid
      ? refuse('conflict')
      : (refuseContact(scope, account, type) ?? refuseFull(scope, account, type));
    if (full) return unchanged(full);
    const refused = refuseSetup(scope, access, setup, account);
    if (refused) return unchanged(refused);
    const made = addProven(account, proven, null, now, scope);
    if (!made.ok) return unchanged(made);
    const noted = visitOf(account, tokens, scope).note(access.settled(made.account), now);
    const { factor } = made;
    return {
      account: noted.account,
      outcome: {
        ok: true,
        factor: { ...factor, type, hint: proof.hint },
        codes: null,
        account: noted.account,
        tokens: noted.tokens,
      },
      events: [{ name: 'factor.added', type, factorId: factor.id, label: factor.label }],
    };
  });
  if (added.ok) await cancelSetup(scope, login, type);
  return added;
}

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
  /** Its owner chose the name; otherwise the first free one like it is used when the factor is made. */
  readonly isNamed: boolean;
  readonly setup: Setup<Kind>;
}

/** The set-up to be confirmed and the name to give, before any proof is judged. */
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
  if (!begun.ok) return begun;
  if (begun.proof) return refuse('conflict');
  const { setup } = begun;
  const named = given?.label ?? setup.name;
  if (named !== null && isLabelTaken(access.account, kind, named))
    return refuse('duplicate', { field: 'label' });
  return { ok: true, label: named ?? input.defaultLabel, isNamed: named !== null, setup };
}
