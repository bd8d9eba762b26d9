import type { Account, Factor } from '../account/account';
import { factorOf, labelOf } from '../account/factors';
import { reopenLanes } from '../account/tries';
import { refuse, type ErrorCode, type KeyReason, type Refusal, type RefusalDetails } from '../errors';
import type { PlannedEvent } from '../events';
import { useAssertion, type AssertionUse } from '../factors/use-assertion';
import type { AssertionCheck } from '../factors/webauthn-assertion';
import type { PolicyReason, WebauthnFailure } from '../factors/webauthn-result';
import type { KeyProof } from '../stores/contracts';
import type { Judge, Judgement, KeySettings } from './scope';

/**
 * What a key's answer, whose signature has been checked, does to the account, decided within the save: for a second
 * factor, and for a passkey that signs in by itself.
 */
export const judgeAnswer =
  (keys: KeySettings, checked: AssertionCheck): Judge =>
  (input) => {
    const tries = input.counted ? { triesLeft: input.counted.leftAfter } : {};
    if (!checked.ok) return failed(input.account, checked, tries);
    const use = useAssertion(input.account, checked.assertion, keys.policy, input.now);
    return use.ok ? accepted(use) : failed(input.account, use, tries);
  };

/** What a proof says about the key that gave it. */
export const keyProof = (factor: Factor | undefined, userVerified = false): KeyProof => ({
  ...(userVerified && { userVerified }),
  ...(factor?.type === 'webauthn' && factor.attested && !factor.backupEligible && { hardware: true }),
});

/**
 * What a client is told about an answer that is refused. Which check failed is revealed only if the owner can do
 * something about it.
 */
export function keyRefusal(failure: WebauthnFailure, tries: Pick<RefusalDetails, 'triesLeft'>): Refusal {
  if (failure.problem === 'malformed') return refuseKey('malformed', { field: 'response' });
  if (failure.problem === 'stale') return refuseKey('code_used');
  if (failure.problem === 'wrong') return refuseKey('wrong_code', tries);
  return refuseKey('wrong_code', { ...tries, reason: reasons[failure.reason] });
}

/** A refusal worded for a key. */
export const refuseKey = (code: ErrorCode, details: RefusalDetails = {}): Refusal =>
  refuse(code, { ...details, type: 'webauthn' });

type RightUse = Extract<AssertionUse, { ok: true }>;

function accepted(use: RightUse): Judgement {
  const { factorId, userVerified, countRegressed } = use;
  return {
    account: reopenLanes(use.account),
    verdict: { ok: true, factorId, key: keyProof(factorOf(use.account, factorId), userVerified) },
    events: countRegressed
      ? [
          {
            name: 'key.suspicious',
            factorId,
            ...labelOf(use.account, factorId),
            reason: 'sign_count',
            accepted: true,
          },
        ]
      : [],
  };
}

function failed(
  account: Account,
  failure: WebauthnFailure,
  tries: Pick<RefusalDetails, 'triesLeft'>,
): Judgement {
  const verdict = keyRefusal(failure, tries);
  // What can't be read, or came too late, counts as no try.
  const free = failure.problem === 'malformed' || failure.problem === 'stale';
  return { verdict, events: suspicious(account, failure), ...(free && { free }) };
}

function suspicious(account: Account, failure: WebauthnFailure): PlannedEvent[] {
  if (failure.problem !== 'refused' || failure.factorId === undefined) return [];
  const { reason, factorId } = failure;
  if (reason !== 'sign_count' && reason !== 'backup_eligibility_changed') return [];
  return [{ name: 'key.suspicious', factorId, ...labelOf(account, factorId), reason, accepted: false }];
}

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
