import type { Account, FactorId, LaneName } from '../account/account';
import { giveBackTries, isClosed, laneAt, nextTryAt, returnTry, spendTry } from '../account/tries';
import { TOTP_DIGITS } from '../crypto/otp';
import { refuse, refuseUntil, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { readDigits } from '../factors/code-text';
import type { Login } from '../stores/contracts';
import { visitOf } from './browser';
import { surerWays } from './offer';
import type { Judge, JudgeInput, Judgement, ProofInput, Reading, Scope, Tried } from './scope';
import { unchanged, update } from './update';

/** What is said about a code that can be guessed; for a correct one, with the account in which it is used up. */
export type GuessCheck =
  | {
      readonly ok: true;
      readonly factorId: FactorId | null;
      readonly account: Account;
      readonly events?: readonly PlannedEvent[];
    }
  | Refusal;

export type GuessRule = (input: JudgeInput, code: string) => GuessCheck;

/** Reads a six-digit code, which a kind of proof checks by its own rule. */
export const readGuess =
  (check: GuessRule) =>
  ({ code }: ProofInput): Reading => {
    const read = readDigits(code, TOTP_DIGITS);
    if (!read.ok) return read;
    return { ok: true, isGuess: true, weigh: () => ({ judge: judgeGuess(check, read.code) }) };
  };

/** Judges a code that can be guessed. If the lane has no tries left, it is refused unchecked and nothing is written. */
export const judgeGuess =
  (check: GuessRule, code: string): Judge =>
  (input): Judgement => {
    const { account, now, lane, counted, scope } = input;
    const { limits } = scope.settings;
    const shut = refuseLane(scope, input.login, account, lane, now);
    if (shut) return { verdict: shut, free: true };

    const checked = check(input, code);
    if (checked.ok) {
      const { factorId, events = [] } = checked;
      return {
        account: giveBackTries(checked.account, lane, counted?.guessesBefore ?? 0, now, limits),
        verdict: { ok: true, factorId },
        events,
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

function refuseLane(
  scope: Scope,
  login: Login | null,
  account: Account,
  lane: LaneName,
  now: number,
): Refusal | null {
  const { limits } = scope.settings;
  const tries = laneAt(account.lanes[lane], now, limits);
  if (isClosed(tries, limits)) return refuse('codes_closed', { ways: surerWays(scope, login, account) });
  return tries.left > 0 ? null : refuseUntil('locked', nextTryAt(tries, limits), now);
}

/** A lane that was charged for a guess, and the account in which it was. */
export interface Charged {
  readonly ok: true;
  readonly lane: LaneName;
  readonly account: Account;
}

/**
 * Charges the lane before a guess that takes long to check, in a save of its own: of any number that come at once, only
 * as many are checked as there are tries.
 */
export const chargeLane = ({ scope, userId, login, tokens }: Tried): Promise<Charged | Refusal> =>
  update<Charged | Refusal>(scope, userId, (account, now) => {
    if (login && login.epoch !== account.epoch) return unchanged(refuse('sign_in_required'));
    const { lane } = visitOf(account, tokens, scope);
    const shut = refuseLane(scope, login, account, lane, now);
    if (shut) return unchanged(shut);
    const charged = spendTry(account, lane, now, scope.settings.limits);
    return { account: charged, outcome: { ok: true, lane, account: charged } };
  });

/** Judges a guess whose lane was charged before. */
export const judgeCharged =
  ({ lane }: Charged, check: (input: JudgeInput) => GuessCheck): Judge =>
  (input): Judgement => {
    const { account, now, counted, scope } = input;
    const { limits } = scope.settings;
    const checked = check(input);
    if (checked.ok) {
      const { factorId, events = [] } = checked;
      const tries = 1 + (counted?.guessesBefore ?? 0);
      return {
        account: giveBackTries(checked.account, lane, tries, now, limits),
        verdict: { ok: true, factorId },
        events,
      };
    }
    if (checked.code === 'code_used')
      return { account: returnTry(account, lane, now, limits), verdict: checked, free: true };
    const { left } = laneAt(account.lanes[lane], now, limits);
    return {
      verdict: { ...checked, triesLeft: Math.min(left, counted?.leftAfter ?? left) },
      events: left === 0 ? [{ name: 'tries.used-up', lane }] : [],
    };
  };
