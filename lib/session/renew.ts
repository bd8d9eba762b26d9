import type { Request } from 'express';
import type { Login } from '../stores/contracts';
import type { Host } from './host';
import type { Seam } from './passport-seam';
import { promised } from './promised';
import { knownStanding, scopeOf, setStanding } from './request-state';
import { planRenewal } from './store-guard';

/**
 * A new session id for a login that goes on: after a new proof, a step-up or a change of factors (ASVS
 * 7.2.4). The app's data and the life of its cookie stay as they were; the old id is dead.
 */
export async function renewLogin(host: Host, seam: Seam, req: Request, login: Login): Promise<void> {
  const { cookie } = req.session;
  const data = dataOf(req);
  const user = seam.userOf(req);
  // Where the epoch moves on, any request beside this one ends the old id, and nobody has signed out.
  const before = knownStanding(req);
  const isOfEpoch = before !== undefined && 'login' in before && before.login.epoch === login.epoch;
  await regenerate(host, req, login, isOfEpoch);
  Object.assign(req.session, data);
  req.session.cookie.expires = cookie.expires ?? null;
  req.session.cookie.originalMaxAge = cookie.originalMaxAge;
  await promised((done) => req.session.save(done));
  seam.setUser(req, user);
  setStanding(req, {
    status: login.state === 'passed' ? 'passed' : 'exempt',
    login,
    seam,
    userId: login.userId,
  });
}

/** A new session that knows nobody: Passport's key is empty, and the user is only in the record. */
export async function startHalfLogin(
  host: Host,
  seam: Seam,
  req: Request,
  user: unknown,
  started: Login,
  keepSessionInfo: boolean,
): Promise<void> {
  const serialized = await seam.serialize(user, req);
  const login: Login = { ...started, owed: { user: serialized, keepSessionInfo, passport: seam.index } };
  const data = dataOf(req);
  await regenerate(host, req, login, false);
  if (keepSessionInfo) Object.assign(req.session, data);
  for (const one of host.seams) one.clearUser(req.session);
  await promised((done) => req.session.save(done));
  setStanding(req, { status: 'owed', login, seam });
}

/** What the app keeps in the session. */
const dataOf = (req: Request): Record<string, unknown> =>
  Object.fromEntries(Object.entries(req.session).filter(([name]) => name !== 'cookie'));

async function regenerate(host: Host, req: Request, login: Login, goesOn: boolean): Promise<void> {
  const { settings } = scopeOf(host, req);
  const life =
    login.state === 'owed' ? settings.endedKnown : (req.session.cookie.originalMaxAge ?? settings.loginLife);
  planRenewal(req, { pending: host.pending, login, life, goesOn });
  await promised((done) => req.session.regenerate(done));
}
