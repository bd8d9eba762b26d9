import type { Request } from 'express';
import type { Account } from '../account/account';
import { isLasting } from '../core/age';
import { refusedByTries } from '../core/login-tries';
import { loginKeyOf } from '../crypto/digest';
import type { Login } from '../stores/contracts';
import type { Host } from './host';
import { isMarked } from './mark';
import { scopeOf } from './request-state';

/** The login of this session, if it is of this user, of the account's epoch, and not over. */
export async function currentLogin(host: Host, req: Request, account: Account): Promise<Login | null> {
  if (!isMarked(req.session)) return null;
  const scope = scopeOf(host, req);
  const { login } = await scope.pending.readLogin(loginKeyOf(req.sessionID), null, null);
  if (!login || login.userId !== account.userId || login.epoch !== account.epoch) return null;
  const life = login.state === 'owed' ? scope.settings.halfLogin : scope.settings.loginLife;
  const hasUser = host.seams.some((seam) => seam.hasUser(req.session));
  if (!isLasting(login.since, life, scope.now()) || hasUser !== (login.state !== 'owed')) return null;
  const isUsedUp = login.state === 'owed' && (await refusedByTries(scope, login)) !== null;
  return isUsedUp ? null : login;
}
