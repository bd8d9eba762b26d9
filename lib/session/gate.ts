import type { Request, RequestHandler } from 'express';
import { refuse } from '../errors';
import { askedFor, baseOf } from './address';
import { safePath, withGoal } from './destination';
import type { Host } from './host';
import { isNavigation, wantsJson } from './negotiate';
import { knownStanding } from './request-state';
import { wrongOrder } from './wrong-order';

/** Which paths a half login may open; everything else sends it back to the step page. */
export interface GateOptions {
  /** The app's sign-out path; always passes. */
  readonly signOut?: string;
  /** More paths that pass, such as `/help`. Exact, below where `protect()` is mounted. */
  readonly allow?: readonly string[];
}

/**
 * Turns pages away while a second factor is owed. The half-signed-in user is anonymous to the app whatever
 * passes here, so this guides; it does not guard.
 */
export function gate(host: Host, { signOut, allow = [] }: GateOptions = {}): RequestHandler {
  const passing = new Set([...allow, ...(signOut === undefined ? [] : [signOut])]);

  return (req, res, next) => {
    const standing = knownStanding(req);
    if (!standing) return next(wrongOrder('gate()'));
    if (standing.status !== 'owed' || passing.has(req.path) || isForm(req)) return next();
    const goal = req.method === 'GET' ? safePath(askedFor(host, req), host.options.origin) : null;
    const url = withGoal(baseOf(host, req), goal);
    if (wantsJson(req)) return host.refuse(req, res, refuse('second_factor_required', { url }));
    if (isNavigation(req)) return res.redirect(303, url);
    next();
  };
}

/** Not a GET or HEAD: a second try at the login form must work. */
const isForm = (req: Request): boolean => req.method !== 'GET' && req.method !== 'HEAD';
