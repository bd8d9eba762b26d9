import type { Account, FactorId, WebauthnFactor } from '../account/account';
import { factorOf, keysUsedUpTo, replaceFactor } from '../account/factors';
import type { Assertion } from './webauthn-assertion';
import { hasRegressed, signCountRule, type WebauthnPolicy } from './webauthn-policy';
import { refused, stale, wrong, type RefusedByPolicy, type Stale, type Wrong } from './webauthn-result';

export type AssertionUse =
  | {
      readonly ok: true;
      readonly account: Account;
      readonly factorId: FactorId;
      readonly userVerified: boolean;
      /** The count did not go up, and the policy lets that pass: it has to be reported. */
      readonly countRegressed: boolean;
    }
  | Stale
  | Wrong
  | RefusedByPolicy;

/**
 * What a valid signature does to the account that is saved over: decided there, so that of any number of concurrent
 * uses one counts. Whatever is refused changes nothing (WebAuthn 3 §7.2 step 24).
 */
export function useAssertion(
  account: Account,
  assertion: Assertion,
  policy: WebauthnPolicy,
  now: number,
): AssertionUse {
  const found = factorOf(account, assertion.factorId);
  // Removed since the signature was checked.
  if (found?.type !== 'webauthn') return wrong('credential');
  const key = found.backupUnknown ? known(found, assertion) : found;
  if (assertion.issuedAt <= keysUsedUpTo(account)) return stale('used');
  if (assertion.backupEligible !== key.backupEligible) return refused('backup_eligibility_changed', key.id);

  const isRegressed = hasRegressed(key, assertion.signCount);
  const rule = signCountRule(key, policy);
  if (isRegressed && rule === 'reject')
    return isOvertaken(key, assertion) ? stale('overtaken') : refused('sign_count', key.id);
  return {
    ok: true,
    account: replaceFactor(account, {
      ...key,
      signCount: assertion.signCount,
      backedUp: assertion.backedUp,
      usedUpTo: Math.max(key.usedUpTo, assertion.newestIssuedAt),
      lastUsedAt: now,
    }),
    factorId: key.id,
    userVerified: assertion.userVerified,
    countRegressed: isRegressed && rule === 'flag',
  };
}

/** A key that was imported says with its first answer whether it can be copied. */
function known({ backupUnknown: _, ...key }: WebauthnFactor, { backupEligible }: Assertion): WebauthnFactor {
  return { ...key, backupEligible };
}

/**
 * It was requested before the key was last used, so its owner had two windows open and the later signature came first.
 * Refused like any other, but not a sign of a copy.
 */
const isOvertaken = (key: WebauthnFactor, { issuedAt }: Assertion): boolean =>
  key.lastUsedAt !== null && issuedAt < key.lastUsedAt;
