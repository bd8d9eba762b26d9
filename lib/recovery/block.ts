import { moveEpoch } from '../account/account';
import { forgetBrowsers } from '../account/browsers';
import { owesFactor } from '../account/factors';
import type { UserId } from '../account/terms';
import { addRecord } from '../audit/chain';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';

const DAY = 86_400_000;

/**
 * Ends every login and forgets every browser at the word of somebody who proves nothing: a thief is to be out at once. At
 * most once a day, so that nobody is kept out by it; whoever has a factor is in again by signing in.
 */
export const blockAccount = (scope: Scope, userId: UserId): Promise<void> =>
  update<void>(scope, userId, (account, now) => {
    const isRecent = account.blockedAt !== undefined && now - account.blockedAt < DAY;
    if (isRecent || !owesFactor(account)) return unchanged(undefined);
    const blocked = { ...forgetBrowsers(moveEpoch(account, now)), blockedAt: now };
    const act = { actor: 'requester', action: 'account.block', reason: null, request: null } as const;
    return {
      account: addRecord(blocked, act, now),
      outcome: undefined,
      events: [{ name: 'account.blocked' }, { name: 'logins.ended', except: null }],
    };
  });
