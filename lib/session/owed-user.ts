import type { Request } from 'express';
import { toUserId } from '../account/user-id';
import type { Login } from '../stores/contracts';
import type { Host } from './host';
import { keepOwedUser, scopeOf } from './request-state';
import type { Seam } from './seam';

/**
 * The user of a half login, whom only the app can give back: once a request, and under its deadline. It is asked before
 * a proof is judged. An app whose database is down, or whose `deserializeUser` never calls back, would otherwise use up
 * a code and sign nobody in.
 *
 * @returns null when the user is not there any more
 * @throws SecondFactorError `unavailable`
 */
export const owedUser = (
  host: Host,
  req: Request,
  { login, seam }: { readonly login: Login; readonly seam: Seam },
): Promise<unknown> =>
  keepOwedUser(req, login.loginId, async () => {
    const ask = () => seam.deserialize(login.owed?.user, req);
    const user = await scopeOf(host, req).inTime('passport.deserializeUser', ask);
    // Fail closed should the app hand out another user under the same serialized form.
    return user !== null && toUserId(host.options.users.id(user)) === login.userId ? user : null;
  });
