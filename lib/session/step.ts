import type { Request, RequestHandler, Response } from 'express';
import { SecondFactorError, refuse } from '../errors';
import { baseOf } from './address';
import type { Host } from './host';
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
export const sessionStep = (host: Host): RequestHandler => {
  let hasMet = false;
  return (req, res, next) => {
    const fail = failWith(host, req, res, next);
    try {
      requireResponse(req, res);
      requireSession(req, hasMet);
    } catch (error) {
      return fail(error);
    }
    hasMet = true;
    callBack(settle(host, req, res), () => next(), fail);
  };
};

async function settle(host: Host, req: Request, res: Response): Promise<void> {
  noteMount(req);
  const guard = guardStore(req.sessionStore, host.pending);
  refuseUnread(host, req);
  const loginState = await loginStateOf(host, scopeOf(host, req), req);
  if (loginState.status === 'signed-out') {
    loginState.seam.setUser(req, undefined);
    await guard.drop(req);
  }
  setLoginState(host, req, loginState);
  for (const seam of host.seams) seam.prepare(req, res);
  coverLogIn(host, req);
  const enabled = loginState.status === 'passed' || loginState.status === 'owed';
  res.locals.twoFactor = { enabled, securityUrl: `${baseOf(host, req)}/security` };
}

/** A session that holds a user nobody has read yet would be checked by nobody later. */
function refuseUnread(host: Host, req: Request): void {
  const unread = host.seams.some((seam) => seam.hasUser(req.session) && seam.userOf(req) === undefined);
  if (!unread) return;
  throw new SecondFactorError(
    'wrong_setup',
    'The session holds a user that Passport has not read.',
    'Mount protect() after passport.session().',
  );
}

/** Ours are answered as the HTTP contract says; what the app's own functions threw goes to the app. */
export const failWith =
  (host: Host, req: Request, res: Response, next: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof SecondFactorError) || res.headersSent || error.status === 500) return next(error);
    host.refuse(req, res, refuse(error.code, error.details));
  };
