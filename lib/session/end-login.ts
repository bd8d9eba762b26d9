import type { Access } from '../core/access';
import { tellEnded } from '../core/end-logins';
import { listLogins } from '../core/login-list';
import type { UserId } from '../account/account';
import type { Scope } from '../core/scope';
import { userKeyOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { endRecord } from './succession';

export interface EndedLogin {
  readonly ok: true;
  readonly login: Login;
}

/**
 * Ends one login from another one of the same user, which needs a proof as fresh as for a change of factors. Its session
 * stays in the app's store until its next request, which finds no record and is signed out; a request that is under way
 * and writes it back does not bring it back (see `store-guard`).
 */
export async function endLogin(scope: Scope, access: Access, id: string): Promise<EndedLogin | Refusal> {
  const listed = (await listLogins(scope, access.login)).find(({ login }) => login.loginId === id);
  if (!listed) return refuse('not_found');
  const refused = access.staleness(scope);
  if (refused) return refused;
  const { login, keys } = listed;
  let ended: readonly boolean[];
  try {
    ended = await Promise.all(keys.map((key) => endRecord(scope.pending, key, login)));
  } finally {
    // Afterwards: what this process has read until now may be of the login that is over.
    scope.endLogins();
  }
  if (!ended.includes(true)) return refuse('not_found');
  tellEnded(scope, login, 'ended_by_user');
  return { ok: true, login };
}

/**
 * Ends the logins that one of these browsers let in, or its copy: nobody can tell them apart. One that has given a
 * proof since is left alone.
 */
export async function endRemembered(
  scope: Scope,
  userId: UserId,
  browsers: readonly string[],
): Promise<void> {
  const listed = await scope.pending.logins.list(userKeyOf(userId));
  const ofThese = listed.filter(
    ({ login: { remembered, proofs } }) =>
      remembered !== undefined && browsers.includes(remembered) && proofs.length === 0,
  );
  try {
    const ended = await Promise.all(
      ofThese.map(async ({ key, login }) => ((await endRecord(scope.pending, key, login)) ? login : null)),
    );
    for (const login of ended) if (login) tellEnded(scope, login, 'browser_copied');
  } finally {
    scope.endLogins();
  }
}
