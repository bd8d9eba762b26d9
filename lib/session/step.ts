import type { Request, RequestHandler, Response } from 'express';
import { SecondFactorError, refuse } from '../errors';
import { baseOf } from './address';
import type { Runtime } from './runtime';
import { createLogInCover } from './cover';
import { callBack } from './promised';
import { noteMount, scopeOf, setLoginState, aheadOf } from './request-state';
import { requireResponse, requireSession } from './session-layer';
import { loginStateAhead, loginStateOf, type LoginState } from './login-state';
import { guardStore } from './store-guard';

/**
 * Works out for each request whose session it is and whether its login is complete, before anything reads `req.user`. A
 * login that is over is signed out here. Any error refuses; nothing passes because something failed.
 */
export const sessionStep = (runtime: Runtime): RequestHandler => {
  const coverLogIn = createLogInCover(runtime);
  let hasMet = false;

  const arrive = (req: Request, res: Response, loginState: LoginState): void => {
    setLoginState(runtime, req, loginState);
    for (const seam of runtime.seams) seam.prepare(req, res);
    coverLogIn(req);
    const enabled = loginState.status === 'passed' || loginState.status === 'owed';
    res.locals.twoFactor = { enabled, securityUrl: `${baseOf(runtime, req)}/security` };
  };

  const ask = async (req: Request, res: Response): Promise<void> => {
    const loginState = await askedState(runtime, req);
    if (loginState.status === 'signed-out') {
      loginState.seam.setUser(req, undefined);
      await guardStore(req.sessionStore, runtime).drop(req);
    }
    arrive(req, res, loginState);
  };

  return (req, res, next) => {
    let known: LoginState | null;
    try {
      requireResponse(req, res);
      requireSession(req, hasMet);
      hasMet = true;
      noteMount(req);
      guardStore(req.sessionStore, runtime);
      refuseUnread(runtime, req);
      known = loginStateAhead(runtime, aheadOf(runtime.readAhead, req), req);
      if (known) arrive(req, res, known);
    } catch (error) {
      return failWith(runtime, req, res, next)(error);
    }
    // Most requests don't wait: record and number came with the session.
    if (known) next();
    else callBack(ask(req, res), () => next(), failWith(runtime, req, res, next));
  };
};

async function askedState(runtime: Runtime, req: Request): Promise<LoginState> {
  const scope = scopeOf(runtime, req);
  const ahead = aheadOf(runtime.readAhead, req);
  if (ahead) await scope.storeInTime('pending', () => ahead.settled());
  return loginStateAhead(runtime, ahead, req) ?? loginStateOf(runtime, scope, req);
}

/** If the session holds a user that Passport has not read yet, nothing would check it later. */
function refuseUnread(runtime: Runtime, req: Request): void {
  for (const seam of runtime.seams) {
    if (!seam.hasUser(req.session) || seam.userOf(req) !== undefined) continue;
    throw new SecondFactorError(
      'wrong_setup',
      'The session holds a user that Passport has not read yet.',
      'Mount protect() after passport.session().',
    );
  }
}

/** Our own errors are answered as the HTTP contract says; what the app's functions threw goes to the app. */
export const failWith =
  (runtime: Runtime, req: Request, res: Response, next: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof SecondFactorError) || res.headersSent || error.status === 500) return next(error);
    runtime.refuse(req, res, refuse(error.code, error.details));
  };
