import type { Request, Response } from 'express';
import { minuteOf } from '../core/age';
import { tellEnded } from '../core/end-logins';
import { ENROL_LIFE, isEnrolLogin } from '../core/enrol-login';
import { placeOf } from '../core/place';
import type { Scope } from '../core/scope';
import type { PlannedEvent } from '../events';
import type { Login } from '../stores/contracts';
import type { Runtime } from './runtime';
import type { LogInOptions, Seam } from './seam';
import { promised } from './promised';
import { dataOf, planRenewal } from './renewal';
import { knownLoginState, scopeOf, setLoginState } from './request-state';
import { ensureSaved } from './store-guard';

/** A login to be given a new session. */
export interface Entry {
  readonly login: Login;
  readonly seam: Seam;
  /** Who it signs in, or will once it is no longer a half login. */
  readonly user: unknown;
  /**
   * It is the login of the old session, and continues unless that was ended meanwhile. Otherwise the users of the old
   * session, of other Passports too, are left behind: nothing would check them in the new one.
   */
  readonly goesOn: boolean;
  /** What the new session keeps in any case: the cookie, or everything in the old one, including who is signed in. */
  readonly keeps?: 'cookie' | 'everything';
  /** What `req.logIn` was asked to do, such as keeping the app's data. */
  readonly options?: LogInOptions;
  /** Set if this signs in someone who was not signed in before: the app is told, and gets this response. */
  readonly tell?: Response | undefined;
  /** What the factor that was just proven is called. */
  readonly label?: string;
}

/**
 * The one way into a session. A login that begins, is completed or continues gets a session id that nobody has seen,
 * and its record in the same step; the old id is dead before anything is answered.
 *
 * @returns where the app wants a user who has just signed in, if it says so
 */
export async function enter(runtime: Runtime, req: Request, entry: Entry): Promise<string | null> {
  const { seam, user, goesOn, keeps, options = {}, tell } = entry;
  const scope = scopeOf(runtime, req);
  const { from = placeOf(scope.request) } = entry.login;
  const login: Login = { ...entry.login, from, lastAt: minuteOf(scope.now()) };
  planRenewal(req, {
    by: runtime,
    login,
    life: lifeOf(runtime, req, entry),
    goesOn,
    wasAdopted: isAdopted(runtime, req),
    ...(keeps && { cookie: req.session.cookie }),
    ...(!goesOn && {
      strip: (left) => runtime.seams.forEach((one) => one.clearUser(left)),
      replaced: () => tellReplaced(runtime, req, scope),
    }),
  });
  if (login.state === 'owed') await renewSession(runtime, req, options.keepSessionInfo ?? false, false);
  else if (keeps === 'everything') await renewSession(runtime, req, true, true);
  else await seam.logIn(req, user, options);
  await ensureSaved(req);

  const { userId, loginId, since, state: status } = login;
  if (isEnrolLogin(login)) {
    setLoginState(runtime, req, { status: 'enrol', enrolling: login });
    return null;
  }
  if (status === 'owed') {
    setLoginState(runtime, req, { status, login, seam });
    const { waiting } = login;
    const event: PlannedEvent = waiting
      ? { name: 'login.waiting', loginId, type: waiting.proof.type }
      : { name: 'login.owed', loginId };
    scope.events.emit(event, { userId, at: waiting?.proof.at ?? since });
    return null;
  }
  seam.setUser(req, user);
  setLoginState(runtime, req, { status, login, seam, userId });
  return tell ? tellSignedIn(runtime, req, tell, entry) : null;
}

function isAdopted(runtime: Runtime, req: Request): boolean {
  const loginState = knownLoginState(runtime, req);
  return loginState !== undefined && 'login' in loginState && loginState.login.adopted === true;
}

/** The login that this session had, if that is known without asking for it. */
function tellReplaced(runtime: Runtime, req: Request, scope: Scope): void {
  const loginState = knownLoginState(runtime, req);
  if (loginState && 'login' in loginState) tellEnded(scope, loginState.login, 'superseded');
}

function lifeOf(runtime: Runtime, req: Request, { login, keeps }: Entry): number {
  const { loginLife, endedKnown } = scopeOf(runtime, req).settings;
  if (isEnrolLogin(login)) return ENROL_LIFE;
  if (login.state === 'owed') return endedKnown;
  return keeps === 'everything' ? (req.session.cookie.originalMaxAge ?? loginLife) : loginLife;
}

/** A new session without Passport's own login: its user stays the same, or it has none. */
async function renewSession(
  runtime: Runtime,
  req: Request,
  keepsData: boolean,
  keepsUsers: boolean,
): Promise<void> {
  const { session: before } = req;
  await promised((done) => req.session.regenerate(done));
  // Now: users who are left behind are no longer in it.
  if (keepsData) Object.assign(req.session, dataOf(before));
  if (!keepsUsers) for (const one of runtime.seams) one.clearUser(req.session);
  await promised((done) => req.session.save(done));
}

/** If the hook throws, the login is refused: whatever it was to do (a block list, a cookie) was not done. */
async function tellSignedIn(
  runtime: Runtime,
  req: Request,
  res: Response,
  { login, seam, user, label }: Entry,
): Promise<string | null> {
  const { userId, loginId, proofs, remembered: browserId, accepted } = login;
  let wanted: string | undefined | void;
  try {
    wanted = await runtime.options.onSignedIn?.(req, res, { user, proofs });
  } catch (error) {
    await leave(runtime, req, seam);
    throw error;
  }
  const scope = scopeOf(runtime, req);
  const proof = proofs.at(-1);
  if (proof)
    scope.events.emit(
      { name: 'login.completed', loginId, type: proof.type, ...(label !== undefined && { label }) },
      { userId, at: proof.at },
    );
  // How it was told already, in the save that used the code.
  else if (!login.byStaff) {
    const event: PlannedEvent =
      browserId === undefined
        ? { name: 'login.exempt', loginId, accepted: accepted !== undefined }
        : { name: 'login.remembered', loginId, browserId };
    scope.events.emit(event, { userId, at: scope.now() });
  }
  return wanted || null;
}

/** From here on, nobody is signed in in this request. */
export async function leave(
  runtime: Pick<Runtime, 'options' | 'kinds'>,
  req: Request,
  seam?: Seam,
): Promise<void> {
  seam?.setUser(req, undefined);
  await endSession(req);
  setLoginState(runtime, req, { status: 'none' });
}

/** A new, empty session, even where the app has replaced `regenerate` with something that does nothing. */
export async function endSession(req: Request): Promise<void> {
  const { sessionID } = req;
  await promised((done) => req.session.regenerate(done));
  if (req.sessionID === sessionID) await promised((done) => req.sessionStore.regenerate(req, done));
}
