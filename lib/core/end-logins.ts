import type { Account, UserId } from '../account/account';
import { moveEpoch } from '../account/epoch';
import { userKeyOf } from '../crypto/digest';
import type { Scope } from './scope';
import { update } from './update';

/** Ends every login of a user, half ones included. Stores an account where there was none, to hold the epoch. */
export const endLogins = (scope: Scope, userId: UserId): Promise<Account> =>
  update(scope, userId, (account, now) => {
    const moved = moveEpoch(account, now);
    return { account: moved, outcome: moved, events: [{ name: 'logins.ended' }] };
  });

/**
 * Deletes everything about a user, for the deletion of the app's own account. Logins end first and as for
 * any change of epoch, so that none outlives the account.
 */
export async function forget(scope: Scope, userId: UserId): Promise<void> {
  const user = userKeyOf(userId);
  await scope.pending.suspendEpoch(user);
  const logins = await scope.pending.listLogins(user);
  await Promise.all(logins.map(({ key }) => scope.pending.removeLogin(key)));
  await scope.accounts.remove(userId);
  scope.events.emit({ name: 'account.forgotten' }, { userId, at: scope.now() });
}
