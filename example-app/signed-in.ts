import type { Request, RequestHandler } from 'express';
import { signInRequired } from './problems';
import { sendProblem, wantsJson } from './respond';
import type { User } from './users';

/** Who is signed in. Between password and second factor that is nobody. */
export const userOf = (req: Request): User | undefined => req.user as User | undefined;

/** Lets users pass; sends others to the login page, and from there back to where they wanted to go. */
export const requireSignIn: RequestHandler = (req, res, next) => {
  if (userOf(req)) return next();
  if (wantsJson(req)) return sendProblem(req, res, signInRequired);
  const isRead = req.method === 'GET' || req.method === 'HEAD';
  res.redirect(303, isRead ? `/login?to=${encodeURIComponent(req.originalUrl)}` : '/login');
};
