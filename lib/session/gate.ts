import type { Request, RequestHandler, Response } from 'express';
import { owesFactor } from '../account/factors';
import { refusedByTries } from '../core/login-tries';
import type { Scope } from '../core/scope';
import { loadAccount } from '../core/status';
import { refuse } from '../errors';
import type { Login } from '../stores/contracts';
import { baseOf, withGoal } from './address';
import { enrolUrl } from './enrol';
import { isLoginRoute, wayBack } from './goal';
import type { Runtime } from './runtime';
import { isNavigation, prefersJson } from './negotiate';
import { callBack } from './promised';
import { knownLoginState, scopeOf } from './request-state';
import { failWith } from './step';
import type { WayOut } from './way-out';
import { wrongOrder } from './errors';

/** Which paths a half login may open; everything else sends it back to the step page. */
export interface GateOptions {
  /** The app's sign-out path; always passes. */
  readonly signOut?: string;
  /** More paths that pass, such as `/help`. Exact matches, relative to where `protect()` is mounted. */
  readonly allow?: readonly string[];
  /**
   * Paths where a GET request signs in: a magic link, the start and the callback of OAuth. These and everything below
   * them pass while another login is half done, and no login leads back to them.
   */
  readonly logins?: readonly string[];
}

/**
 * Redirects pages while a second factor is owed. Whatever passes here, the app sees a half-signed-in user as anonymous,
 * so this is guidance, not protection.
 */
export function gate(
  runtime: Runtime,
  wayOut: WayOut,
  { signOut, allow = [], logins = [] }: GateOptions = {},
): RequestHandler {
  const passing = new Set([...allow, ...(signOut === undefined ? [] : [signOut])]);
  for (const path of logins) runtime.logins.add(path);
  if (signOut !== undefined) runtime.signOuts.add(signOut);

  const enrolFirst = (req: Request, res: Response): void =>
    runtime.refuse(req, res, refuse('enrol_first', { url: enrolUrl(runtime, req) }));

  return (req, res, next) => {
    const loginState = knownLoginState(runtime, req);
    if (!loginState) return next(wrongOrder('gate()'));
    wayOut.watch(req, res);
    if (loginState.status === 'enrol')
      return passing.has(req.path) || isPart(req) ? next() : enrolFirst(req, res);
    if (loginState.status !== 'owed' || passing.has(req.path) || isForm(req)) return next();
    if (isPart(req)) return next();
    // The latest login wins, whoever it is for.
    if (isLoginRoute(runtime, req.path)) return next();
    callBack(
      isOpen(scopeOf(runtime, req), loginState.login),
      (open) => (open ? turnAway(runtime, req, res) : next()),
      failWith(runtime, req, res, next),
    );
  };
}

function turnAway(runtime: Runtime, req: Request, res: Response): void {
  const url = withGoal(baseOf(runtime, req), wayBack(runtime, req));
  runtime.refuse(req, res, refuse('second_factor_required', { url }));
}

/** Whether this half login can still be completed. If not, it must not keep its user away from the app's login page. */
async function isOpen(scope: Scope, login: Login): Promise<boolean> {
  const [usedUp, account] = await Promise.all([
    refusedByTries(scope, login),
    loadAccount(scope, login.userId),
  ]);
  return usedUp === null && account.epoch === login.epoch && owesFactor(account);
}

/** What a page is made of, such as the app's own styles of ours. */
const isPart = (req: Request): boolean => !isForm(req) && !prefersJson(req) && !isNavigation(req);

/** Submitting the login form a second time must work. */
const isForm = (req: Request): boolean => req.method !== 'GET' && req.method !== 'HEAD';
