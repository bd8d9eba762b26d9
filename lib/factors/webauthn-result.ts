import type { FactorId } from '../account/account';

/** The member of the browser's answer that can't be read. */
export type WebauthnField =
  | 'response'
  | 'id'
  | 'rawId'
  | 'type'
  | 'clientDataJSON'
  | 'attestationObject'
  | 'authenticatorData'
  | 'signature'
  | 'userHandle';

/** What did not match. For the site's logs; a client only learns that it was wrong (WebAuthn 3 §14.6.2). */
export type WrongReason =
  'type' | 'challenge' | 'origin' | 'rp_id' | 'credential' | 'user_handle' | 'signature';

/** What the site's rules refuse, though it may be genuine. */
export type PolicyReason =
  | 'cross_origin'
  | 'user_presence'
  | 'user_verification'
  | 'algorithm'
  | 'synced'
  | 'model'
  | 'attestation'
  | 'backup_eligibility_changed'
  | 'sign_count';

export interface Malformed {
  readonly ok: false;
  readonly problem: 'malformed';
  readonly field: WebauthnField;
}

export interface Wrong {
  readonly ok: false;
  readonly problem: 'wrong';
  readonly reason: WrongReason;
}

/**
 * The challenge is over, and a new one helps: it was `used`, or one issued after it was; it `expired`; or the key has
 * signed another one meanwhile (`overtaken`). This says nothing about the signature, which may not have been checked.
 */
export interface Stale {
  readonly ok: false;
  readonly problem: 'stale';
  readonly why: 'used' | 'expired' | 'overtaken';
}

export interface RefusedByPolicy {
  readonly ok: false;
  readonly problem: 'refused';
  readonly reason: PolicyReason;
  /** The key it is about, if its signature was valid. */
  readonly factorId?: FactorId;
}

/** Which check a key's answer failed. Not yet a `Refusal`: `keyRefusal` decides what a client is told. */
export type WebauthnFailure = Malformed | Wrong | Stale | RefusedByPolicy;

export const malformed = (field: WebauthnField): Malformed => ({ ok: false, problem: 'malformed', field });
export const wrong = (reason: WrongReason): Wrong => ({ ok: false, problem: 'wrong', reason });
export const stale = (why: Stale['why']): Stale => ({ ok: false, problem: 'stale', why });
export const refused = (reason: PolicyReason, factorId?: FactorId): RefusedByPolicy => ({
  ok: false,
  problem: 'refused',
  reason,
  ...(factorId !== undefined && { factorId }),
});
