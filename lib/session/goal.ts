import type { Request, Response } from 'express';
import { appUrl, askedFor, baseOf, parameter, parameterOf, safePath, sentFrom } from './address';
import type { Runtime, Site } from './runtime';
import { isFormPost, isHtmx, isNavigation } from './negotiate';
import { mountOf } from './request-state';
import type { Seam } from './seam';

/** Our own `to`, which "sign in again" passes on: in the URL, or as a field of the form. */
export const goalOf = (site: Site, req: Request): string | null => goalPath(site, req, ownTo(req));

const ownTo = (req: Request): unknown =>
  parameter(req, 'to') ?? (req.body as { to?: unknown } | null | undefined)?.to;

/** Where the user wanted to go: our own `to`, then what Passport apps use. Read before the session is regenerated. */
export function wantedBy(
  site: Site,
  req: Request,
  options: { readonly successRedirect?: string; readonly successReturnToOrRedirect?: string },
): string | null {
  const returnTo = (req.session as { returnTo?: unknown } | undefined)?.returnTo;
  const candidates = [returnTo, options.successReturnToOrRedirect, options.successRedirect];
  const found = candidates.map((to) => loginGoalPath(site, req, to)).find((to) => to !== null);
  return loginGoalOf(site, req) ?? found ?? pageBelow(site, req);
}

/**
 * The page asked for when a login happens above all routes, as with a remember-me cookie. A URL with a query may be a
 * link that has just been used up.
 */
function pageBelow(site: Site, req: Request): string | null {
  const isAbove = req.route === undefined && req.baseUrl === mountOf(req);
  const asked = isAbove && isNavigation(req) && req.method === 'GET' ? askedFor(site, req) : null;
  return asked?.includes('?') ? null : goalPath(site, req, asked);
}

/** Our own `to` at the app's login: a form may post it, or merely be on the page that has it in its URL. */
const loginGoalOf = (site: Site, req: Request): string | null =>
  loginGoalPath(site, req, ownTo(req)) ?? loginGoalPath(site, req, toOfLoginPage(site, req));

function toOfLoginPage(site: Site, req: Request): string | null {
  const from = sentFrom(site, req);
  const isLoginPage = from?.split('?', 1)[0] === appUrl(site, req, site.options.loginUrl);
  return isLoginPage ? parameterOf(from, 'to') : null;
}

/** Nobody is sent back to the link that just signed them in. */
function loginGoalPath(site: Site, req: Request, to: unknown): string | null {
  const path = goalPath(site, req, to);
  // What signs in above all routes, such as a cookie, has no URL of its own.
  const isOwn = req.method !== 'POST' && req.route !== undefined && isSamePage(path, askedFor(site, req));
  return isOwn ? null : path;
}

const isSamePage = (one: string | null, other: string | null): boolean =>
  one?.split(/[?#]/, 1)[0] === other?.split('?', 1)[0];

/**
 * Where to return someone who is refused: the page they asked for, or for anything else (a form, a fragment that htmx
 * fetches) the page that sent it.
 */
export function wayBack(site: Site, req: Request): string | null {
  if (req.method === 'HEAD') return null;
  const isPage = req.method === 'GET' && (!isHtmx(req) || req.headers['hx-boosted'] !== undefined);
  if (isPage) return goalPath(site, req, askedFor(site, req));
  const from = sentFrom(site, req);
  return from === null || from.startsWith(baseOf(site, req)) ? null : goalPath(site, req, from);
}

/** Where a login may lead: a path of this site that neither signs anyone in or out nor is the step, which is over by then. */
function goalPath(site: Site, req: Request, to: unknown): string | null {
  const path = safePath(to, site.options.origin);
  if (path === null || leadsToLogin(site, req, path) || isOfStep(site, req, path)) return null;
  const isSignOut = [...site.signOuts].some((one) => isSame(pathOf(path), appUrl(site, req, one)));
  return isSignOut ? null : path;
}

/** Where a login without a goal leads: never to the step, which is over by then and would lead here again. */
export function homeOf(site: Site, req: Request, user: unknown): string {
  const home = site.options.home?.(user, req);
  const url = appUrl(site, req, home || '/');
  return isOfStep(site, req, url) ? appUrl(site, req, '/') : url;
}

/** Of our own pages only those of "Security and login" are worth coming back to. */
function isOfStep(site: Site, req: Request, address: string): boolean {
  const base = baseOf(site, req);
  const path = pathOf(address);
  return isAtOrBelow(path, base) && !isAtOrBelow(path, `${base}/security`);
}

/** Whether this path, relative to where we are mounted, belongs to a route that signs in by GET. */
export const isLoginRoute = ({ logins }: Site, path: string): boolean =>
  [...logins].some((one) => isAtOrBelow(path, one));

/** Whether a URL of this site is itself a login. A link that signed someone in may be used up. */
function leadsToLogin(site: Site, req: Request, address: string): boolean {
  const path = pathOf(address);
  return (
    isSame(path, appUrl(site, req, site.options.loginUrl)) ||
    [...site.logins].some((one) => isAtOrBelow(path, appUrl(site, req, one)))
  );
}

const pathOf = (address: string): string => address.split(/[?#]/, 1)[0] ?? '';

const isAtOrBelow = (path: string, one: string): boolean =>
  isSame(path, one) || path.toLowerCase().startsWith(`${bare(one)}/`);

// Express routes accept capitals and a trailing slash by default.
const isSame = (path: string, one: string): boolean => bare(path) === bare(one);
const bare = (path: string): string => path.toLowerCase().replace(/\/$/, '');

/**
 * The app answers a login that owes nothing. If it answers with a redirect, we point that to our own `to`, as after the
 * step: someone who was asked to sign in again for a page gets there, whatever the app's login route says.
 */
export function leadToGoal(runtime: Runtime, seam: Seam, req: Request, res: Response): void {
  const to = isNavigation(req) || isFormPost(req) ? loginGoalOf(runtime, req) : null;
  if (to === null) return;
  const redirect = res.redirect.bind(res) as (...given: readonly unknown[]) => void;
  res.redirect = (...given: readonly unknown[]): void => {
    const theirs = given.find((one) => typeof one === 'string');
    // An app that has changed its mind, or wants another login, redirects there.
    const isIn = seam.userOf(req) !== undefined && !leadsToLogin(runtime, req, String(theirs));
    return isIn ? redirect(303, to) : redirect(...given);
  };
}
