import type { Request, RequestHandler, Response } from 'express';
import { SecondFactorError, refuse } from '../errors';
import { baseOf } from './address';
import type { Runtime } from './runtime';
import { coverLogIn } from './cover';
import { callBack } from './promised';
import { noteMount, scopeOf, setLoginState } from './request-state';
import { requireResponse, requireSession } from './session-layer';
import { loginStateOf } from './login-state';
import { guardStore } from './store-guard';

/**
 * Decides for each request whose session it is and whether its login is complete, before anything reads
 * `req.user`. What is over is signed out here. Any error refuses; nothing passes because something failed.
 */
export const sessionStep = (runtime: Runtime): RequestHandler => {
  let hasMet = false;
  return (req, res, next) => {
    const fail = failWith(runtime, req, res, next);
    try {
      requireResponse(req, res);
      requireSession(req, hasMet);
    } catch (error) {
      return fail(error);
    }
    hasMet = true;
    callBack(settle(runtime, req, res), () => next(), fail);
  };
};

async function settle(runtime: Runtime, req: Request, res: Response): Promise<void> {
  noteMount(req);
  const guard = guardStore(req.sessionStore, runtime.pending);
  refuseUnread(runtime, req);
  const loginState = await loginStateOf(runtime, scopeOf(runtime, req), req);
  if (loginState.status === 'signed-out') {
    loginState.seam.setUser(req, undefined);
    await guard.drop(req);
  }
  setLoginState(runtime, req, loginState);
  for (const seam of runtime.seams) seam.prepare(req, res);
  coverLogIn(runtime, req);
  const enabled = loginState.status === 'passed' || loginState.status === 'owed';
  res.locals.twoFactor = { enabled, securityUrl: `${baseOf(runtime, req)}/security` };
}

/** A session that holds a user nobody has read yet would be checked by nobody later. */
function refuseUnread(runtime: Runtime, req: Request): void {
  const unread = runtime.seams.some((seam) => seam.hasUser(req.session) && seam.userOf(req) === undefined);
  if (!unread) return;
  throw new SecondFactorError(
    'wrong_setup',
    'The session holds a user that Passport has not read yet.',
    'Mount protect() after passport.session().',
  );
}

/** Ours are answered as the HTTP contract says; what the app's own functions threw goes to the app. */
export const failWith =
  (runtime: Runtime, req: Request, res: Response, next: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof SecondFactorError) || res.headersSent || error.status === 500) return next(error);
    runtime.refuse(req, res, refuse(error.code, error.details));
  };
