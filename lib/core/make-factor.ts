import type { Account, CodeType, Factor, FactorType } from '../account/account';
import { refuse, type Refusal } from '../errors';
import { codeFactors, openAddress, sealAddress } from '../factors/one-time-code';
import { hasTotpSecret, sealTotpSecret } from '../factors/totp';
import { keyFactor } from '../factors/webauthn-registration';
import { stale } from '../factors/webauthn-result';
import type { Setup } from './make-setup';
import type { Scope } from './scope';
import type { SetupProof } from './setup-beside';

/** A set-up whose first code was right. */
export interface Proven {
  readonly kind: FactorType;
  readonly setup: Setup;
  readonly proof: SetupProof;
}

/** The factor of a confirmed set-up. The code or challenge that confirmed it counts as used. */
export function factorFrom(
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
    const entry = setup.entry?.text;
    return { ok: true, factor: { ...base, type: kind, secret, ...(entry && { entry }) } };
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

export const secretOf = (setup: Setup): Buffer => Buffer.from(setup.secret, 'base64url');

/** Whether this address, in any spelling, is enrolled already. */
export const hasAddress = (account: Account, kind: CodeType, address: string, scope: Scope): boolean =>
  codeFactors(account, kind).some((factor) =>
    isSameAddress(scope, kind, openAddress(account, factor, scope.seal), address),
  );

/** One phone or mailbox, in whatever spelling. */
export function isSameAddress(
  { delivery }: Scope,
  kind: CodeType,
  ...[one, other]: readonly [string | undefined, string | undefined]
): boolean {
  if (one === undefined || other === undefined) return false;
  const keyOf = (text: string): string => {
    const read = delivery.read(kind, text);
    return read.ok ? read.address.key : text;
  };
  return keyOf(one) === keyOf(other);
}
