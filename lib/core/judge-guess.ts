import type { Account } from '../account/account';
import { giveBackTries, isClosed, laneAt, nextTryAt, spendTry } from '../account/tries';
import { markUsed } from '../account/used-up-to';
import { refuse, refuseUntil } from '../errors';
import { checkTotp } from '../factors/totp';
import { waysOf } from './status';
import type { JudgeInput, Judgement } from './proof-kinds';

/** Judges a code of six digits. With no try left in the lane it is refused unread, and nothing is written. */
export function judgeGuess({ account, code, now, lane, counted, scope }: JudgeInput): Judgement {
  const { limits, totpWindow } = scope.settings;
  const tries = laneAt(account.lanes[lane], now, limits);
  if (isClosed(tries, limits))
    return { account, verdict: refuse('codes_closed', { ways: surerWays(account) }), free: true };
  if (tries.left <= 0) return { account, verdict: refuseUntil(nextTryAt(tries, limits), now), free: true };

  const check = checkTotp(account, code, now, totpWindow, scope.seal);
  if (check.result === 'used') return { account, verdict: refuse('code_used'), free: true };
  if (check.result === 'right') {
    const used = markUsed(account, check.factor, check.step, now);
    return {
      account: giveBackTries(used, lane, counted?.guessesBefore ?? 0, now, limits),
      verdict: { ok: true, factorId: check.factor.id },
    };
  }

  const spent: Account = spendTry(account, lane, now, limits);
  const left = spent.lanes[lane].left;
  const triesLeft = Math.min(left, counted?.leftAfter ?? left);
  return {
    account: spent,
    verdict: refuse(check.result === 'clock_off' ? 'clock_off' : 'wrong_code', { triesLeft }),
    events: left === 0 ? [{ name: 'tries.used-up', lane }] : [],
  };
}

/** The ways that can't be guessed. */
const surerWays = (account: Account) =>
  waysOf(account).filter((type) => type === 'webauthn' || type === 'backup-code');
