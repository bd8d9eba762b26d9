import type { Account, FactorId } from '../account/account';
import { giveBackTries, isClosed, laneAt, nextTryAt, spendTry } from '../account/tries';
import { TOTP_DIGITS } from '../crypto/otp';
import { refuse, refuseUntil, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import type { JudgeInput, Judgement, ProofInput, ReadProof } from './scope';
import { surerWays } from './offer';

/** What a factor says about a six-digit code; for a correct one, with the account in which it is used up. */
export type GuessCheck =
  { readonly ok: true; readonly factorId: FactorId; readonly account: Account } | Refusal;

export type GuessRule = (input: JudgeInput, code: string) => GuessCheck;

/** Reads a six-digit code, which a kind of proof checks by its own rule. */
export const readGuess =
  (check: GuessRule) =>
  ({ code }: ProofInput): ReadProof | Refusal => {
    const read = readDigits(code, TOTP_DIGITS);
    return read.ok ? { ok: true, weigh: () => ({ judge: judgeGuess(check, read.code) }) } : read;
  };

/** Judges a six-digit code. If the lane has no tries left, it is refused unchecked and nothing is written. */
const judgeGuess =
  (check: GuessRule, code: string) =>
  (input: JudgeInput): Judgement => {
    const { account, now, lane, counted, scope } = input;
    const { limits } = scope.settings;
    const tries = laneAt(account.lanes[lane], now, limits);
    if (isClosed(tries, limits))
      return {
        verdict: refuse('codes_closed', { ways: surerWays(scope, input.login, account) }),
        free: true,
      };
    if (tries.left <= 0) return { verdict: refuseUntil(nextTryAt(tries, limits), now), free: true };

    const checked = check(input, code);
    if (checked.ok) {
      return {
        account: giveBackTries(checked.account, lane, counted?.guessesBefore ?? 0, now, limits),
        verdict: { ok: true, factorId: checked.factorId },
      };
    }
    if (checked.code === 'code_used') return { verdict: checked, free: true };

    const spent: Account = spendTry(account, lane, now, limits);
    const left = spent.lanes[lane].left;
    const triesLeft = Math.min(left, counted?.leftAfter ?? left);
    return {
      account: spent,
      verdict: { ...checked, triesLeft },
      events: left === 0 ? [{ name: 'tries.used-up', lane }] : [],
    };
  };
