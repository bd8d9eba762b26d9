import type { Account, Factor } from '../account/account';
import { addFactor, isLabelTaken } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import { codeFactors, openAddress, sealAddress } from '../factors/one-time-code';
import { hasTotpSecret, sealTotpSecret } from '../factors/totp';
import type { Login } from '../stores/contracts';
import { noteToken } from './browser';
import { freeLabel } from './label';
import type { Scope } from './scope';
import { cancelSetup, proveSetup, type EnrolKind, type Setup, type SetupProof } from './setup';
import { update } from './update';

/** Confirmed: it is in force, or (`codes`) waits for a backup code to be acknowledged. */
export interface Confirmed {
  readonly ok: true;
  readonly factor: {
    readonly id: string;
    readonly type: EnrolKind;
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
  readonly kind: EnrolKind;
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

/** The factor a confirmed set-up makes. The code that confirmed it counts as used. */
export function factorFrom(account: Account, { kind, setup, proof }: Proven, scope: Scope): Factor {
  const { isNamed, at: createdAt, usedUpTo, address } = proof;
  // Chosen in the save that adds it: another tab may have taken the name since.
  const label = isNamed ? proof.label : freeLabel(account, kind, proof.label);
  const base = { id: setup.factorId, label, createdAt, lastUsedAt: null, usedUpTo };
  if (kind === 'totp')
    return { ...base, type: kind, secret: sealTotpSecret(account, base.id, secretOf(setup), scope.seal) };
  const { address: text = '', hint = '' } = address ?? {};
  return { ...base, type: kind, hint, address: sealAddress(account.userId, base.id, text, scope.seal) };
}

async function addConfirmed(
  scope: Scope,
  login: Login,
  proven: Proven,
  browserToken: string | null,
): Promise<Confirmed | Refusal> {
  const { kind, setup, proof } = proven;
  const added = await update<Confirmed | Refusal>(scope, login.userId, (account, now) => {
    const isVoid = account.epoch !== setup.epoch || account.factors.some((one) => one.id === setup.factorId);
    if (isVoid || isFull(account, kind, scope)) return { account, outcome: refuse('conflict') };
    if (isThere(account, proven, scope)) return { account, outcome: refuse('duplicate') };
    if (proof.isNamed && isLabelTaken(account, kind, proof.label))
      return { account, outcome: refuse('duplicate', { field: 'label' }) };
    const factor = factorFrom(account, proven, scope);
    const next = noteToken(addFactor(account, factor, null, now), browserToken, now, scope);
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

export function isFull(account: Account, kind: EnrolKind, { settings }: Scope): boolean {
  const most = kind === 'totp' ? settings.limits.totpApps : settings.limits.addresses;
  return account.factors.filter((factor) => factor.type === kind).length >= most;
}

function isThere(account: Account, { kind, setup, proof }: Proven, scope: Scope): boolean {
  if (kind === 'totp') return hasTotpSecret(account, secretOf(setup), scope.seal);
  return proof.address !== undefined && hasAddress(account, kind, proof.address.address, scope);
}

/** Whether this address, in any spelling, is enrolled already. */
export function hasAddress(
  account: Account,
  kind: Exclude<EnrolKind, 'totp'>,
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
