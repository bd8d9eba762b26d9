import type { Request, RequestHandler, Response } from 'express';
import { SecondFactorError, refuse } from '../errors';
import { baseOf } from './address';
import type { Runtime } from './runtime';
import { coverLogIn } from './cover';
import { callBack } from './promised';
import type { Ahead } from './read-ahead';
import { noteMount, scopeOf, setLoginState, aheadOf } from './request-state';
import { requireResponse, requireSession } from './session-layer';
import { loginStateAhead, loginStateOf, type LoginState } from './login-state';
import { guardStore } from './store-guard';

/**
 * Decides for each request whose session it is and whether its login is complete, before anything reads
 * `req.user`. What is over is signed out here. Any error refuses; nothing passes because something failed.
 */
export const sessionStep = (runtime: Runtime): RequestHandler => {
  let hasMet = false;
  return (req, res, next) => {
    let isSettled: boolean;
    try {
      requireResponse(req, res);
      requireSession(req, hasMet);
      hasMet = true;
      isSettled = begin(runtime, req, res);
    } catch (error) {
      return failWith(runtime, req, res, next)(error);
    }
    // Most requests wait for nothing: record and number came with the session.
    if (isSettled) return next();
    callBack(settle(runtime, req, res), () => next(), failWith(runtime, req, res, next));
  };
};

/** @returns whether it is decided: what was asked together with the session has been answered */
function begin(runtime: Runtime, req: Request, res: Response): boolean {
  noteMount(req);
  guardStore(req.sessionStore, runtime);
  refuseUnread(runtime, req);
  const ahead = aheadOf(runtime.readAhead, req);
  const loginState = ahead && loginStateAhead(runtime, ahead, req);
  if (!loginState) return false;
  arrive(runtime, req, res, loginState);
  return true;
}

async function settle(runtime: Runtime, req: Request, res: Response): Promise<void> {
  const loginState = await askedState(runtime, req);
  if (loginState.status === 'signed-out') {
    loginState.seam.setUser(req, undefined);
    await guardStore(req.sessionStore, runtime).drop(req);
  }
  arrive(runtime, req, res, loginState);
}

async function askedState(runtime: Runtime, req: Request): Promise<LoginState> {
  const scope = scopeOf(runtime, req);
  const ahead: Ahead | null = aheadOf(runtime.readAhead, req);
  if (ahead) await scope.pendingInTime(() => ahead.settled());
  return (ahead && loginStateAhead(runtime, ahead, req)) ?? loginStateOf(runtime, scope, req);
}

function arrive(runtime: Runtime, req: Request, res: Response, loginState: LoginState): void {
  setLoginState(runtime, req, loginState);
  for (const seam of runtime.seams) seam.prepare(req, res);
  coverLogIn(runtime, req);
  const enabled = loginState.status === 'passed' || loginState.status === 'owed';
  res.locals.twoFactor = { enabled, securityUrl: `${baseOf(runtime, req)}/security` };
}

/** A session that holds a user nobody has read yet would be checked by nobody later. */
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

/** Ours are answered as the HTTP contract says; what the app's own functions threw goes to the app. */
export const failWith =
  (runtime: Runtime, req: Request, res: Response, next: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof SecondFactorError) || res.headersSent || error.status === 500) return next(error);
    runtime.refuse(req, res, refuse(error.code, error.details));
  };
