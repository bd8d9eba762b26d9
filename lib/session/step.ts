import type { Request, RequestHandler, Response } from 'express';
import { SecondFactorError, refuse } from '../errors';
import { baseAt } from './address';
import type { Runtime } from './runtime';
import { createLogInCover } from './cover';
import { callBack } from './promised';
import { aheadOf, mountPath, type RequestState, scopeOf, setLoginState, stateOf } from './request-state';
import { requireResponse, requireSession } from './session-layer';
import { type Holder, loginStateAhead, loginStateOf, type LoginState } from './login-state';
import { guardStore } from './store-guard';

interface Arriving {
  readonly req: Request;
  readonly res: Response;
  readonly locals: Response['locals'];
  readonly state: RequestState;
}

/**
 * Works out for each request whose session it is and whether its login is complete, before anything reads `req.user`. A
 * login that is over is signed out here. Any error refuses; nothing passes because something failed.
 */
export const sessionStep = (runtime: Runtime): RequestHandler => {
  const coverLogIn = createLogInCover(runtime);
  let hasMet = false;

  const arrive = ({ req, res, locals, state }: Arriving, loginState: LoginState): void => {
    setLoginState(runtime, req, loginState, state);
    for (const seam of runtime.seams) seam.prepare(req, res);
    coverLogIn(req, state);
    const enabled = loginState.status === 'passed' || loginState.status === 'owed';
    locals.twoFactor = { enabled, securityUrl: `${baseAt(runtime, state.mount)}/security` };
  };

  const ask = async (arriving: Arriving): Promise<void> => {
    const { req, state } = arriving;
    const loginState = await askedState(runtime, req, state);
    if (loginState.status === 'signed-out') {
      loginState.seam.setUser(req, undefined);
      await guardStore(req.sessionStore, runtime).drop(req);
    }
    arrive(arriving, loginState);
  };

  return (req, res, next) => {
    let arriving: Arriving;
    let known: LoginState | null;
    try {
      const state = stateOf(req);
      arriving = { req, res, locals: requireResponse(req, res), state };
      const { session, sessionID, sessionStore } = requireSession(req, hasMet);
      hasMet = true;
      state.mount = mountPath(req);
      guardStore(sessionStore, runtime);
      const holder = holderOf(runtime, req, session);
      known = loginStateAhead(runtime, aheadOf(runtime.readAhead, state, sessionID), session, holder);
      if (known) arrive(arriving, known);
    } catch (error) {
      return failWith(runtime, req, res, next)(error);
    }
    // Most requests don't wait: record and number came with the session.
    if (known) next();
    else callBack(ask(arriving), () => next(), failWith(runtime, req, res, next));
  };
};

async function askedState(runtime: Runtime, req: Request, state: RequestState): Promise<LoginState> {
  const scope = scopeOf(runtime, req);
  const ahead = aheadOf(runtime.readAhead, state, req.sessionID);
  if (ahead) await scope.storeInTime('pending', () => ahead.settled());
  const { session } = req;
  return (
    loginStateAhead(runtime, ahead, session, holderOf(runtime, req, session)) ??
    loginStateOf(runtime, scope, req)
  );
}

/** Whom the session holds. If Passport has not read a user of it yet, nothing would check them later. */
function holderOf({ seams }: Runtime, req: Request, session: object): Holder | null {
  let holder: Holder | null = null;
  for (const seam of seams) {
    if (!seam.hasUser(session)) continue;
    const user = seam.userOf(req);
    if (user === undefined) throw unread();
    holder ??= { seam, user };
  }
  return holder;
}

const unread = (): SecondFactorError =>
  new SecondFactorError(
    'wrong_setup',
    'The session holds a user that Passport has not read yet.',
    "Mount protect() after passport.session(). Where several Passports each have a userProperty, mount one's initialize(), session() and protect() before the next one's.",
  );

/** Our own errors are answered as the HTTP contract says; what the app's functions threw goes to the app. */
export const failWith =
  (runtime: Runtime, req: Request, res: Response, next: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof SecondFactorError) || res.headersSent || error.status === 500) return next(error);
    runtime.warnOfOutage(error);
    runtime.refuse(req, res, refuse(error.code, error.details));
  };
