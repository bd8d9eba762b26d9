import { type Account, type Limits, moveEpoch } from '../account/account';
import { disownBrowsers } from '../account/browsers';
import { owesFactor } from '../account/factors';
import type { UserId } from '../account/terms';
import { addRecord } from '../audit/chain';
import type { Scope } from '../core/scope';
import { type Changed, unchanged, update } from '../core/update';
import { randomShadowId } from '../crypto/random';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * Ends every login and forgets every browser at the word of somebody who proves nothing: a thief is to be out at once. At
 * most once a day, so that nobody is kept out by it; whoever has a factor is in again by signing in. Where there is nothing
 * to block, the same is done to an account that belongs to nobody, as the time it takes must not tell.
 *
 * @param userId null: there is no such account
 */
export async function blockAccount(scope: Scope, userId: UserId | null): Promise<void> {
  const shadow = randomShadowId();
  const known = await scope.accounts.load(userId ?? shadow);
  const isMeant = known !== null && isBlockable(known, scope.now());
  // Loaded again in either case.
  await (isMeant
    ? update(scope, known.userId, blockBy(scope.settings.limits))
    : update(scope, shadow, blockNobody));
}

const isBlockable = (account: Account, now: number): boolean =>
  owesFactor(account) && now - (account.blockedAt ?? -Infinity) >= DAY;

const act = { actor: 'requester', action: 'account.block', reason: null, request: null } as const;

const blockBy =
  (limits: Limits) =>
  (account: Account, now: number): Changed<undefined> => {
    if (!isBlockable(account, now)) return unchanged(undefined);
    const blocked = { ...disownBrowsers(moveEpoch(account, now), limits), blockedAt: now };
    return {
      account: addRecord(blocked, act, now),
      outcome: undefined,
      events: [{ name: 'account.blocked' }, { name: 'logins.ended', except: null }],
    };
  };

const blockNobody = (account: Account, now: number): Changed<undefined> => ({
  account: { ...moveEpoch(account, now), shadowUntil: now + HOUR },
  outcome: undefined,
});
