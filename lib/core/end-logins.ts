import { forgetBrowsers } from '../account/browsers';
import { type Account, moveEpoch, type UserId } from '../account/account';
import { userKeyOf } from '../crypto/digest';
import type { Refusal } from '../errors';
import type { EndOfLogin } from '../events';
import type { Login } from '../stores/contracts';
import type { Access } from './access';
import { isEnrolLogin } from './enrol-login';
import type { Scope } from './scope';
import { unchanged, update, type Changed } from './update';

export interface Ended {
  /** As it is from now on, in another epoch. */
  readonly account: Account;
  /** Whether the login that was to continue was still in force, and so may. */
  readonly goesOn: boolean;
}

/**
 * Ends every login of a user, half ones included, and forgets all browsers. If there is no account, it stores one to
 * hold the epoch.
 *
 * @param except a login that is to continue, unless another change has ended it meanwhile
 */
export const endLogins = (scope: Scope, userId: UserId, except: Login | null = null): Promise<Ended> =>
  update<Ended>(scope, userId, (account, now) => {
    const goesOn = except?.userId === userId && except.epoch === account.epoch;
    // Apps call it when the password changes, which a request for access has to wait longer after.
    return ended({ ...account, reachChangedAt: now }, now, goesOn ? except : null, (moved) => ({
      account: moved,
      goesOn,
    }));
  });

/**
 * The same at the request of the user, whose own login continues: it needs a proof as fresh as for a change of factors.
 */
export const endOthers = (scope: Scope, access: Access): Promise<OthersEnded | Refusal> =>
  update<OthersEnded | Refusal>(scope, access.login.userId, (account, now) => {
    const refused = access.staleness(scope, account);
    return refused
      ? unchanged<OthersEnded | Refusal>(refused)
      : ended(account, now, access.login, (moved) => ({ ok: true, account: moved }));
  });

export interface OthersEnded {
  readonly ok: true;
  /** As it is from now on, in another epoch. */
  readonly account: Account;
}

function ended<Outcome>(
  account: Account,
  now: number,
  except: Login | null,
  outcomeOf: (account: Account) => Outcome,
): Changed<Outcome> {
  const moved = forgetBrowsers(moveEpoch(account, now));
  return {
    account: moved,
    outcome: outcomeOf(moved),
    events: [{ name: 'logins.ended', except: except?.loginId ?? null }],
  };
}

/** Tells that one login is over, so that an app can close what it has kept open for it. */
export function tellEnded(
  { events, now }: Pick<Scope, 'events' | 'now'>,
  login: Login,
  why: EndOfLogin,
): void {
  // Of a login that only sets up no app has heard.
  if (isEnrolLogin(login)) return;
  const { userId, loginId } = login;
  events.emit({ name: 'login.ended', loginId, why }, { userId, at: now() });
}

/**
 * Deletes everything about a user, when the app deletes its own account. Logins end first, as with any change of epoch,
 * so that none outlives the account.
 */
export async function forget(scope: Scope, userId: UserId): Promise<void> {
  const user = userKeyOf(userId);
  await scope.pending.epochs.suspend(user);
  scope.endLogins();
  const logins = await scope.pending.logins.list(user);
  await Promise.all(logins.map(({ key }) => scope.pending.logins.remove(key)));
  await scope.accounts.remove(userId);
  for (const { login } of logins) tellEnded(scope, login, 'forgotten');
  scope.events.emit({ name: 'account.forgotten' }, { userId, at: scope.now() });
}
