import type { Account } from '../account/account';
import { owesFactor } from '../account/factors';
import { type RecoveryId, rulesNow } from '../account/recovery';
import type { UserId } from '../account/terms';
import { addRecord } from '../audit/chain';
import { countTry } from '../core/login-tries';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import { randomLiveCodeId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import { readLetterCode, spellCode } from '../factors/code-text';
import { isLetterCode, letterDigest, makeLetterCode } from '../factors/letter-code';
import type { Login } from '../stores/contracts';

/**
 * 60 bits need no lock for that long: a million guesses a second would have one chance in a billion. So a wrong one takes a
 * try of its half login and nothing of the code, or whoever has the password could use it up before its user has typed it.
 */
const LIFE = 15 * 60_000;

/** Who of the operator's does it, and why. */
export interface StaffAct {
  readonly by: UserId;
  readonly reason: string;
}

export interface LiveCodeMade {
  readonly ok: true;
  /** Shown once. */
  readonly code: string;
  /** ms */
  readonly expiresAt: number;
}

/**
 * Makes a code with which a user signs in once, during a call with support. It is of no use before another person has
 * confirmed it: a help desk that hands out codes to whoever knows a password was how the large break-ins of 2025 began.
 */
export async function makeLiveCode(
  scope: Scope,
  userId: UserId,
  { by, reason }: StaffAct,
): Promise<LiveCodeMade | Refusal> {
  const code = makeLetterCode();
  return update<LiveCodeMade | Refusal>(scope, userId, (account, now) => {
    const refused = refuseLive(scope, account, by, now);
    if (refused) return unchanged(refused);
    const until = now + LIFE;
    const digest = letterDigest(contextOf(userId), code, scope.seal);
    return {
      account: recorded(
        { ...account, liveCode: { id: randomLiveCodeId(), digest, until, by } },
        by,
        'live-code.make',
        reason,
        now,
      ),
      outcome: { ok: true, code: spellCode(code), expiresAt: until },
      events: [{ name: 'staff.acted', action: 'live_code' }],
    };
  });
}

/**
 * The second person's word. From now on the code works, until its time is up. Another one needs another word.
 *
 * @param id the code that they have seen, where they say so
 */
export const confirmLiveCode = (
  scope: Scope,
  userId: UserId,
  { by, reason }: StaffAct,
  id: string | null = null,
): Promise<{ readonly ok: true } | Refusal> =>
  update<{ readonly ok: true } | Refusal>(scope, userId, (account, now) => {
    const refused = refuseLive(scope, account, by, now);
    if (refused) return unchanged(refused);
    const { liveCode } = account;
    if (liveCode?.by === by) return unchanged(refuse('forbidden'));
    if (!liveCode || liveCode.until <= now) return unchanged(refuse('not_found'));
    if (id !== null && id !== liveCode.id) return unchanged(refuse('conflict', { reason: 'code_replaced' }));
    return {
      account: recorded(
        { ...account, liveCode: { ...liveCode, confirmedBy: by } },
        by,
        'live-code.confirm',
        reason,
        now,
      ),
      outcome: { ok: true },
    };
  });

/** Nobody for themselves, nor where there is nothing to get past, or its owner wants no such way. */
function refuseLive({ settings }: Scope, account: Account, by: UserId, now: number): Refusal | null {
  if (!settings.recovery?.liveCode) return refuse('not_found');
  if (by === account.userId) return refuse('forbidden');
  if (!owesFactor(account)) return refuse('not_found');
  return refuseByRules(account, now);
}

function refuseByRules({ ownerRules }: Account, now: number): Refusal | null {
  const { never, pausedUntil, wait, needs } = rulesNow(ownerRules, now);
  if (never) return refuse('conflict', { state: 'never' });
  if (pausedUntil !== undefined) return refuse('conflict', { state: 'paused' });
  // A code takes no time and no evidence.
  return wait > 0 || needs.length > 0 ? refuse('conflict', { reason: 'owner_rules' }) : null;
}

/** The code as typed in the user's own half login, whose tries it takes. It is used up by being right. */
export async function useLiveCode(
  scope: Scope,
  login: Login,
  input: unknown,
): Promise<{ readonly ok: true; readonly account: Account } | Refusal> {
  if (!scope.settings.recovery?.liveCode) return refuse('not_found');
  const read = readLetterCode(input);
  if (!read.ok) return read;
  const tried = await countTry(scope, login, 'backup-code', { isIssued: false }, false);
  if (!tried.ok) return tried;
  const { counted } = tried;
  const done = await update<{ readonly ok: true; readonly account: Account } | Refusal>(
    scope,
    login.userId,
    (account, now) => {
      if (login.epoch !== account.epoch) return unchanged(refuse('sign_in_required'));
      const { liveCode, ...rest } = account;
      const wrong = refuse('wrong_code', { triesLeft: counted.leftAfter });
      if (!liveCode || liveCode.until <= now || refuseByRules(account, now)) return unchanged(wrong);
      const isRight = isLetterCode(contextOf(login.userId), liveCode.digest, read.code, scope.seal);
      // One that nobody has confirmed is as wrong as any, and stays.
      if (!isRight || liveCode.confirmedBy === undefined) return unchanged(wrong);
      const used = recorded(rest, login.userId, 'live-code.use', null, now);
      return {
        account: used,
        outcome: { ok: true, account: used },
        events: [{ name: 'staff.acted', action: 'live_code_used' }],
      };
    },
  );
  if (done.ok) await counted.settle();
  else if (done.code === 'wrong_code') await counted.spend();
  return done;
}

const contextOf = (userId: UserId) => ({ userId, requestId: 'live-code' as RecoveryId });

const recorded = (
  account: Account,
  user: UserId,
  action: string,
  reason: string | null,
  now: number,
): Account => addRecord(account, { actor: { user }, action, reason, request: null }, now);
