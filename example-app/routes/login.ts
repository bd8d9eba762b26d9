import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { AppPassport } from '../passport';
import type { Problem } from '../problems';
import { sendProblem, wantsJson } from '../respond';
import { safeTarget } from '../safe-target';
import { userOf } from '../signed-in';
import type { User } from '../users';
import { textField } from './text-field';

declare module 'express-session' {
  interface SessionData {
    /** Where to go after signing in; Passport apps have always kept it here. */
    returnTo?: string;
  }
}

const wrongPassword: Problem = {
  status: 401,
  code: 'wrong_password',
  message: 'Wrong user name or password.',
  field: 'password',
};

export function loginRoutes(passport: AppPassport, origin: string): Router {
  const router = Router();
  const target = (req: Request): string | undefined =>
    safeTarget(textField(req.body, 'to') ?? req.query.to, origin);

  // Shown to signed-in users too: they may be asked for a fresh login.
  router.get('/login', (req, res) => {
    res.render('login', { username: '', to: target(req), problem: undefined });
  });

  router.post('/login', (req, res, next) => {
    const missing = missingField(req);
    if (missing) return refuse(req, res, missing, target(req));

    const finish = (error: unknown, user?: User | false | null): void => {
      if (error) return next(error);
      if (!user) return refuse(req, res, wrongPassword, target(req));
      const to = target(req) ?? safeTarget(req.session.returnTo, origin);
      afterOldLogin(req, next, () => {
        // If a second factor is owed, it is asked for now and leads here afterwards.
        if (to !== undefined) req.session.returnTo = to;
        req.logIn(user, (failed: unknown) => {
          if (failed) return next(failed);
          if (wantsJson(req)) return res.json({ user: { username: user.username } });
          res.redirect(303, to ?? '/');
        });
      });
    };
    const authenticate = passport.authenticate('local', finish) as RequestHandler;
    return authenticate(req, res, next);
  });

  router.post('/logout', (req, res, next) => {
    req.logout((failed: unknown) => {
      if (failed) return next(failed);
      if (wantsJson(req)) return res.json({ status: 'signed_out' });
      res.redirect(303, '/');
    });
  });

  return router;
}

/** Signing in again means starting over; a login within a login would continue the old one. */
function afterOldLogin(req: Request, next: NextFunction, goOn: () => void): void {
  if (!userOf(req)) return goOn();
  req.logout((failed: unknown) => (failed ? next(failed) : goOn()));
}

function missingField(req: Request): Problem | undefined {
  const malformed = { status: 400, code: 'malformed' };
  if (!textField(req.body, 'username'))
    return { ...malformed, field: 'username', message: 'Enter your user name.' };
  if (!textField(req.body, 'password'))
    return { ...malformed, field: 'password', message: 'Enter your password.' };
  return undefined;
}

function refuse(req: Request, res: Response, problem: Problem, to: string | undefined): void {
  if (wantsJson(req)) return sendProblem(req, res, problem);
  const username = textField(req.body, 'username') ?? '';
  res.status(422).render('login', { username, to, problem });
}
