import type { Account, BackupCodes, Factor, FactorType } from '../account/account';
import { addFactor, isLabelTaken } from '../account/factors';
import { usableKeys } from '../account/keys';
import { refuse, type Refusal } from '../errors';
import type { Access } from './access';
import { visitOf } from './browser';
import { freeLabel } from './label';
import { factorFrom, type Proven } from './make-factor';
import type { Scope } from './scope';
import { cancelSetup, refuseSetup } from './setup';
import { proveSetup, type SetupProof } from './setup-beside';
import { update } from './update';

/** Confirmed: it is in force, or (`codes`) waits for a backup code to be acknowledged. */
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
  /** The account as saved; null while the codes are not acknowledged. */
  readonly account: Account | null;
  /** What the browser is to keep in its cookie; null while the codes are not acknowledged. */
  readonly tokens: readonly string[] | null;
}

/** What a right first code leads to: the first factor waits for its backup codes, any other is added at once. */
export async function confirmSetup(
  scope: Scope,
  access: Access,
  proven: Proven,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const { kind, setup, proof } = proven;
  if (!setup.first) return addConfirmed(scope, access, proven, tokens);
  const proved = await proveSetup(scope, access.login, setup, proof);
  // Another tab was first, with another key or address: that one is the factor, and this one never will be.
  if (!isSameThing(proved, proof)) return refuse('conflict');
  const { label, at, address } = proof;
  const factor = { id: setup.factorId, type: kind, label, createdAt: at, hint: address?.hint ?? null };
  return { ok: true, factor, codes: setup.codes, account: null, tokens: null };
}

const isSameThing = (one: SetupProof, other: SetupProof): boolean =>
  one.key?.credentialId === other.key?.credentialId && one.address?.address === other.address?.address;

/** The account with the factor that a proven set-up makes, decided on the account it is saved over. */
export function addProven(
  account: Account,
  { kind, setup, proof }: Proven,
  codes: BackupCodes | null,
  now: number,
  scope: Scope,
): { readonly ok: true; readonly account: Account; readonly factor: Factor } | Refusal {
  if (proof.isNamed && isLabelTaken(account, kind, proof.label))
    return refuse('duplicate', { field: 'label' });
  // Chosen in the save that adds it: another tab may have taken the name since.
  const label = proof.isNamed ? proof.label : freeLabel(account, kind, proof.label);
  const made = factorFrom(account, { kind, setup, proof }, label, scope);
  if (!made.ok) return made;
  const { factor } = made;
  if (factor.type !== 'webauthn') return { ...made, account: addFactor(account, factor, codes, now) };
  const { handle = setup.handle ?? '' } = account;
  // Another login added the first key meanwhile: this one was told another handle, and would never be recognised.
  if (handle !== setup.handle) return refuse('conflict');
  return { ...made, account: addFactor({ ...account, handle }, factor, codes, now) };
}

async function addConfirmed(
  scope: Scope,
  access: Access,
  proven: Proven,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const { kind, setup } = proven;
  const { login } = access;
  const added = await update<Confirmed | Refusal>(scope, login.userId, (account, now) => {
    const isVoid = account.epoch !== setup.epoch || account.factors.some((one) => one.id === setup.factorId);
    if (isVoid || isFull(account, kind, scope)) return { account, outcome: refuse('conflict') };
    const refused = refuseSetup(scope, access, setup, account);
    if (refused) return { account, outcome: refused };
    const made = addProven(account, proven, null, now, scope);
    if (!made.ok) return { account, outcome: made };
    const noted = visitOf(account, tokens, scope).note(made.account, now);
    const { factor } = made;
    const hint = 'hint' in factor ? factor.hint : null;
    return {
      account: noted.account,
      outcome: { ok: true, factor: { ...factor, type: kind, hint }, codes: null, ...noted },
      events: [{ name: 'factor.added', type: kind, factorId: factor.id }],
    };
  });
  if (added.ok) await cancelSetup(scope, login, kind);
  return added;
}

export function isFull(account: Account, kind: FactorType, scope: Scope): boolean {
  const { limits, keys } = scope.settings;
  // Keys of another address are to be replaced, so they take no room.
  if (kind === 'webauthn') return keys === null || usableKeys(account, keys.party.id).length >= keys.most;
  const most = kind === 'totp' ? limits.totpApps : limits.addresses;
  return account.factors.filter((factor) => factor.type === kind).length >= most;
}
