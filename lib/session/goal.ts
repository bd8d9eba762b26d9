import type { Request } from 'express';
import { appUrl, askedFor, baseOf, sentFrom } from './address';
import { safePath } from './destination';
import type { Host } from './host';
import { leadsToLogin } from './login-routes';
import { isHtmx } from './negotiate';
import { parameter, parameterOf } from './query';

/** Our own `to`, which "sign in again" carries on: in the address, or as a field of the form. */
export const goalOf = (host: Host, req: Request): string | null => goalPath(host, req, ownTo(req));

const ownTo = (req: Request): unknown =>
  parameter(req, 'to') ?? (req.body as { to?: unknown } | null | undefined)?.to;

/** Where a login wanted to go: our own `to`, then what Passport apps use. Read before the session is regenerated. */
export function wantedBy(
  host: Host,
  req: Request,
  options: { readonly successRedirect?: string; readonly successReturnToOrRedirect?: string },
): string | null {
  const returnTo = (req.session as { returnTo?: unknown } | undefined)?.returnTo;
  const candidates = [returnTo, options.successReturnToOrRedirect, options.successRedirect];
  const found = candidates.map((to) => loginGoalPath(host, req, to)).find((to) => to !== null);
  return loginGoalOf(host, req) ?? found ?? null;
}

/** Our own `to` at the app's login: a form may post it on, or only stand on the page that has it in its address. */
export const loginGoalOf = (host: Host, req: Request): string | null =>
  loginGoalPath(host, req, ownTo(req)) ?? loginGoalPath(host, req, toOfLoginPage(host, req));

function toOfLoginPage(host: Host, req: Request): string | null {
  const from = sentFrom(host, req);
  const isLoginPage = from?.split('?', 1)[0] === appUrl(host, req, host.options.loginUrl);
  return isLoginPage ? parameterOf(from, 'to') : null;
}

/** Nobody is sent back to the link that has just signed them in. */
function loginGoalPath(host: Host, req: Request, to: unknown): string | null {
  const path = goalPath(host, req, to);
  // What signs in above all routes, by a cookie for instance, has no address of its own.
  const isOwn = req.method !== 'POST' && req.route !== undefined && isSamePage(path, askedFor(host, req));
  return isOwn ? null : path;
}

const isSamePage = (one: string | null, other: string | null): boolean =>
  one?.split(/[?#]/, 1)[0] === other?.split('?', 1)[0];

/**
 * Where somebody who is refused wants to be afterwards: the page that they asked for, or the one that sent what is no
 * page, a form or a part that htmx fetches.
 */
export function wayBack(host: Host, req: Request): string | null {
  if (req.method === 'HEAD') return null;
  const isPage = req.method === 'GET' && (!isHtmx(req) || req.headers['hx-boosted'] !== undefined);
  // Whether it is one to come back to is looked at when it is used.
  if (isPage) return safePath(askedFor(host, req), host.options.origin);
  const from = sentFrom(host, req);
  return from === null || from.startsWith(baseOf(host, req)) ? null : goalPath(host, req, from);
}

/** A way on for a login: a path of this site where nobody signs in. */
function goalPath(host: Host, req: Request, to: unknown): string | null {
  const path = safePath(to, host.options.origin);
  return path === null || leadsToLogin(host, req, path) ? null : path;
}
