import type { Account, BackupCodes, CodeType, Factor, FactorType } from '../account/account';
import { addFactor, isLabelTaken } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import { codeFactors, openAddress, sealAddress } from '../factors/one-time-code';
import { hasTotpSecret, sealTotpSecret } from '../factors/totp';
import { keyFactor } from '../factors/webauthn-registration';
import { stale } from '../factors/webauthn-result';
import type { Login } from '../stores/contracts';
import { noteToken } from './browser';
import { freeLabel } from './label';
import type { Scope } from './scope';
import { cancelSetup, proveSetup, type Setup, type SetupProof } from './setup';
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
}

/** A set-up whose first code was right. */
export interface Proven {
  readonly kind: FactorType;
  readonly setup: Setup;
  readonly proof: SetupProof;
}

/** What a right first code leads to: the first factor waits for its backup codes, any other is added at once. */
export async function confirmSetup(
  scope: Scope,
  login: Login,
  proven: Proven,
  browserToken: string | null,
): Promise<Confirmed | Refusal> {
  const { kind, setup, proof } = proven;
  if (!setup.first) return addConfirmed(scope, login, proven, browserToken);
  await proveSetup(scope, login, setup, proof);
  const { label, at, address } = proof;
  const factor = { id: setup.factorId, type: kind, label, createdAt: at, hint: address?.hint ?? null };
  return { ok: true, factor, codes: setup.codes, account: null };
}

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

/** The factor of a confirmed set-up. The code or challenge that confirmed it counts as used. */
function factorFrom(
  account: Account,
  { kind, setup, proof }: Proven,
  label: string,
  scope: Scope,
): { readonly ok: true; readonly factor: Factor } | Refusal {
  const { at: createdAt, usedUpTo, address, key } = proof;
  const base = { id: setup.factorId, label, createdAt, lastUsedAt: null, usedUpTo };
  if (kind === 'totp') {
    if (hasTotpSecret(account, secretOf(setup), scope.seal)) return refuse('duplicate');
    const secret = sealTotpSecret(account, base.id, secretOf(setup), scope.seal);
    return { ok: true, factor: { ...base, type: kind, secret } };
  }
  if (kind === 'webauthn') {
    const added = key ? keyFactor(account, key, base, createdAt) : stale('expired');
    if (added.result === 'right') return { ok: true, factor: added.factor };
    return added.result === 'used' ? refuse('code_used') : refuse('duplicate', { field: 'response' });
  }
  const { address: text = '', hint = '' } = address ?? {};
  if (hasAddress(account, kind, text, scope)) return refuse('duplicate');
  const sealed = sealAddress(account.userId, base.id, text, scope.seal);
  return { ok: true, factor: { ...base, type: kind, hint, address: sealed } };
}

async function addConfirmed(
  scope: Scope,
  login: Login,
  proven: Proven,
  browserToken: string | null,
): Promise<Confirmed | Refusal> {
  const { kind, setup } = proven;
  const added = await update<Confirmed | Refusal>(scope, login.userId, (account, now) => {
    const isVoid = account.epoch !== setup.epoch || account.factors.some((one) => one.id === setup.factorId);
    if (isVoid || isFull(account, kind, scope)) return { account, outcome: refuse('conflict') };
    const made = addProven(account, proven, null, now, scope);
    if (!made.ok) return { account, outcome: made };
    const next = noteToken(made.account, browserToken, now, scope);
    const { factor } = made;
    const hint = 'hint' in factor ? factor.hint : null;
    return {
      account: next,
      outcome: { ok: true, factor: { ...factor, type: kind, hint }, codes: null, account: next },
      events: [{ name: 'factor.added', type: kind, factorId: factor.id }],
    };
  });
  if (added.ok) await cancelSetup(scope, login, kind);
  return added;
}

export const secretOf = (setup: Setup): Buffer => Buffer.from(setup.secret, 'base64url');

export function isFull(account: Account, kind: FactorType, { settings }: Scope): boolean {
  const { totpApps, addresses } = settings.limits;
  const most = kind === 'totp' ? totpApps : kind === 'webauthn' ? (settings.keys?.most ?? 0) : addresses;
  return account.factors.filter((factor) => factor.type === kind).length >= most;
}

/** Whether this address, in any spelling, is enrolled already. */
export function hasAddress(
  account: Account,
  kind: CodeType,
  address: string,
  { delivery, seal }: Scope,
): boolean {
  const keyOf = (text: string): string => {
    const read = delivery.read(kind, text);
    return read.ok ? read.address.key : text;
  };
  const key = keyOf(address);
  return codeFactors(account, kind).some((factor) => keyOf(openAddress(account, factor, seal)) === key);
}
