import type { Account, FactorId } from '../account/account';
import { giveBackTries, isClosed, laneAt, nextTryAt, spendTry } from '../account/tries';
import { refuse, refuseUntil } from '../errors';
import type { JudgeInput, Judgement } from './judgement';
import { waysOf } from './status';

/** What a factor says of a code of six digits; of a right one, with the account in which it is used. */
export type GuessCheck =
  | { readonly result: 'right'; readonly factorId: FactorId; readonly account: Account }
  | { readonly result: 'used' | 'clock_off' | 'wrong' };

export type GuessRule = (input: JudgeInput, code: string) => GuessCheck;

/** Judges a code of six digits. With no try left in the lane it is refused unread, and nothing is written. */
export const judgeGuess =
  (check: GuessRule, code: string) =>
  (input: JudgeInput): Judgement => {
    const { account, now, lane, counted, scope } = input;
    const { limits } = scope.settings;
    const tries = laneAt(account.lanes[lane], now, limits);
    if (isClosed(tries, limits))
      return { account, verdict: refuse('codes_closed', { ways: surerWays(input) }), free: true };
    if (tries.left <= 0) return { account, verdict: refuseUntil(nextTryAt(tries, limits), now), free: true };

    const checked = check(input, code);
    if (checked.result === 'used') return { account, verdict: refuse('code_used'), free: true };
    if (checked.result === 'right') {
      return {
        account: giveBackTries(checked.account, lane, counted?.guessesBefore ?? 0, now, limits),
        verdict: { ok: true, factorId: checked.factorId },
      };
    }

    const spent: Account = spendTry(account, lane, now, limits);
    const left = spent.lanes[lane].left;
    const triesLeft = Math.min(left, counted?.leftAfter ?? left);
    return {
      account: spent,
      verdict: refuse(checked.result === 'clock_off' ? 'clock_off' : 'wrong_code', { triesLeft }),
      events: left === 0 ? [{ name: 'tries.used-up', lane }] : [],
    };
  };

/** The ways that can't be guessed. */
const surerWays = ({ scope, login, account }: JudgeInput) =>
  waysOf(scope, login, account).filter((type) => type === 'webauthn' || type === 'backup-code');
