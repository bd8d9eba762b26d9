import { refuse, type ErrorCode, type KeyReason, type Refusal, type RefusalDetails } from '../errors';
import type { PolicyReason, WebauthnFailure } from '../factors/webauthn-result';

/** What a client is told of an answer that is not taken. Which check it failed is told only where its owner can mend it. */
export function keyRefusal(failure: WebauthnFailure, tries: Pick<RefusalDetails, 'triesLeft'>): Refusal {
  if (failure.result === 'malformed') return refuseKey('malformed', { field: 'response' });
  if (failure.result === 'used') return refuseKey('code_used');
  if (failure.result === 'wrong') return refuseKey('wrong_code', tries);
  return refuseKey('wrong_code', { ...tries, reason: reasons[failure.reason] });
}

/** A refusal whose words speak of a key. */
export const refuseKey = (code: ErrorCode, details: RefusalDetails = {}): Refusal =>
  refuse(code, { ...details, type: 'webauthn' });

const reasons: { readonly [reason in PolicyReason]: KeyReason } = {
  cross_origin: 'key_framed',
  user_presence: 'key_presence',
  user_verification: 'key_verification',
  algorithm: 'key_algorithm',
  synced: 'key_synced',
  model: 'key_model',
  attestation: 'key_attestation',
  backup_eligibility_changed: 'key_changed',
  sign_count: 'key_count',
};
