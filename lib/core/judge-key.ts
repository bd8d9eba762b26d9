import type { Account } from '../account/account';
import { factorOf } from '../account/factors';
import { reopenLanes } from '../account/tries';
import { refuse, type RefusalDetails } from '../errors';
import type { PlannedEvent } from '../events';
import { useAssertion, type AssertionUse } from '../factors/use-assertion';
import { checkAssertion, type AssertionCheck } from '../factors/webauthn-assertion';
import { fromStored } from '../factors/webauthn-challenge';
import type { WebauthnFailure } from '../factors/webauthn-result';
import { keyProof } from './key-proof';
import { keyRefusal } from './key-refusal';
import { purposeOf } from './login-tries';
import type { Judge, Judgement, Tried, Weighed } from './judgement';
import type { KeySettings } from './scope';

/** Checks an answer of a key to a challenge of this login. Without a login none was asked for. */
export async function weighKey(
  { scope, userId, login, counted }: Tried,
  response: unknown,
): Promise<Weighed> {
  const { keys } = scope.settings;
  if (!keys || !login || !counted)
    return { judge: ({ account }) => ({ account, verdict: refuse('not_found'), free: true }) };
  const live = fromStored(counted.codes);
  const issued = { userId, loginId: login.loginId, ceremony: purposeOf(login), live };
  const account = await scope.accounts.load(userId);
  if (!account) return { judge: judgeGone };
  const checked = await checkAssertion(account, response, { ...keys, issued, now: scope.now() });
  return { account, judge: judgeAnswer(keys, checked) };
}

const judgeGone: Judge = ({ account }) => ({ account, verdict: refuse('sign_in_required'), free: true });

/** What an answer, whose signature was checked before, does to the account: decided within the save. */
export const judgeAnswer =
  (keys: KeySettings, checked: AssertionCheck): Judge =>
  (input) => {
    const tries = input.counted ? { triesLeft: input.counted.leftAfter } : {};
    if (checked.result !== 'right') return failed(input.account, checked, tries);
    const use = useAssertion(input.account, checked.assertion, keys.policy, input.now);
    return use.result === 'right' ? accepted(use) : failed(input.account, use, tries);
  };

type RightUse = Extract<AssertionUse, { result: 'right' }>;

function accepted(use: RightUse): Judgement {
  const { factorId, userVerified, countRegressed } = use;
  return {
    account: reopenLanes(use.account),
    verdict: { ok: true, factorId, key: keyProof(factorOf(use.account, factorId), userVerified) },
    events: countRegressed
      ? [{ name: 'key.suspicious', factorId, reason: 'sign_count', accepted: true }]
      : [],
  };
}

function failed(
  account: Account,
  failure: WebauthnFailure,
  tries: Pick<RefusalDetails, 'triesLeft'>,
): Judgement {
  const verdict = keyRefusal(failure, tries);
  // What can't be read, or is answered too late, was no try.
  const free = failure.result === 'malformed' || failure.result === 'used';
  return { account, verdict, events: suspicious(failure), ...(free && { free }) };
}

function suspicious(failure: WebauthnFailure): PlannedEvent[] {
  if (failure.result !== 'refused' || failure.factorId === undefined) return [];
  const { reason, factorId } = failure;
  if (reason !== 'sign_count' && reason !== 'backup_eligibility_changed') return [];
  return [{ name: 'key.suspicious', factorId, reason, accepted: false }];
}
