import type { Request } from 'express';
import type { Account } from '../account/account';
import { loginAfter } from '../core/login-after';
import { SecondFactorError } from '../errors';
import type { Login, Proof } from '../stores/contracts';
import type { Host } from './host';
import type { Seam } from './seam';
import { promised } from './promised';
import { dataOf, planRenewal, type Renewal } from './renewal';
import { scopeOf, setStanding } from './request-state';
import { saveCookie } from './session-cookie';
import { ensureSaved } from './store-guard';
import { endSession } from './tell-signed-in';

/**
 * A new session id for a login that goes on: after a new proof, a step-up or a change of factors (ASVS
 * 7.2.4). The app's data and its cookie stay as they were; the old id is dead.
 *
 * @param account as it is now
 * @param proof one that was just accepted
 */
export async function renewLogin(
  host: Host,
  req: Request,
  { login: current, seam }: { readonly login: Login; readonly seam: Seam },
  account: Account,
  proof: Proof | null = null,
): Promise<void> {
  const login = loginAfter(current, account, proof);
  const { cookie } = req.session;
  const data = dataOf(req.session);
  const user = seam.userOf(req);
  await regenerate(host, req, { login, goesOn: true, cookie });
  Object.assign(req.session, data);
  await save(req);
  seam.setUser(req, user);
  setStanding(req, {
    status: login.state === 'passed' ? 'passed' : 'exempt',
    login,
    seam,
    userId: login.userId,
  });
}

/** The same in a request of the app's that goes on without its login where that was signed out meanwhile. */
export async function renewOrEnd(
  host: Host,
  req: Request,
  standing: { readonly login: Login; readonly seam: Seam },
  account: Account,
): Promise<void> {
  try {
    await renewLogin(host, req, standing, account);
  } catch (error) {
    if (!(error instanceof SecondFactorError) || error.code !== 'sign_in_required') throw error;
    standing.seam.setUser(req, undefined);
    await endSession(req);
    setStanding(req, { status: 'none' });
  }
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
  // Passport would keep its cookie, too; here it waits for the login to be complete, as it may not reach our pages.
  const cookie = keepSessionInfo ? { cookie: saveCookie(req.session.cookie) } : {};
  const owed = { user: serialized, keepSessionInfo, passport: seam.index, ...cookie };
  const login: Login = { ...started, owed };
  const data = dataOf(req.session);
  await regenerate(host, req, { login, goesOn: false });
  if (keepSessionInfo) Object.assign(req.session, data);
  for (const one of host.seams) one.clearUser(req.session);
  await save(req);
  setStanding(req, { status: 'owed', login, seam });
}

async function regenerate(
  host: Host,
  req: Request,
  renewal: Pick<Renewal, 'login' | 'goesOn' | 'cookie'>,
): Promise<void> {
  const { settings } = scopeOf(host, req);
  const isOwed = renewal.login.state === 'owed';
  const life = isOwed ? settings.endedKnown : (req.session.cookie.originalMaxAge ?? settings.loginLife);
  planRenewal(req, { ...renewal, pending: host.pending, life });
  await promised((done) => req.session.regenerate(done));
}

async function save(req: Request): Promise<void> {
  await promised((done) => req.session.save(done));
  await ensureSaved(req);
}
