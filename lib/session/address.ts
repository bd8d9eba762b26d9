import type { Request } from 'express';
import type { Site } from './runtime';
import { mountOf, mountPath } from './request-state';

/** The path that the browser has to request: a proxy may have stripped the path of `origin`. */
const outside = (site: Site, path: string): string => {
  const { prefix } = site.options;
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path;
};

/** Where our pages are for this request: `/2fa`, or `/app/2fa` under a mount or a proxy's prefix. */
export const baseOf = (site: Site, req: Request): string => baseAt(site, mountOf(req));

export const baseAt = (site: Site, mount: string): string => outside(site, mount + site.options.path);

/** Where the router is mounted that this request has reached, for links to its own pages. */
export const mountedAt = (site: Site, req: Request): string => outside(site, mountPath(req));

/** A link of the app's own, such as its login page. */
export const appUrl = (site: Site, req: Request, path: string): string =>
  outside(site, path.startsWith('/') ? mountOf(req) + path : path);

/** The requested URL, as the browser sees it; null if a link to it would lead to another site. */
export const askedFor = (site: Site, req: Request): string | null =>
  sitePath(outside(site, req.originalUrl), site.options.origin);

/** The same without its query: where a form of that page posts to. */
export const askedPath = (site: Site, req: Request): string => askedFor(site, req)?.split('?', 1)[0] ?? '';

/** The page this request was sent from, if it belongs to this site. */
export function sentFrom(site: Site, { headers }: Request): string | null {
  const { referer } = headers;
  if (referer === undefined || !URL.canParse(referer)) return null;
  const { origin, pathname, search } = new URL(referer);
  return origin === site.options.origin.origin ? sitePath(pathname + search, site.options.origin) : null;
}

const LONGEST = 2048;

/** The path to return to, if it leads to this site and is not too long. */
export function safePath(to: unknown, origin: URL): string | null {
  const path = typeof to === 'string' && to.length <= LONGEST ? sitePath(to, origin) : null;
  // Encoded in our own URL it grows again, and has to fit into a header line of any proxy.
  return path === null || encodeURIComponent(path).length > LONGEST ? null : path;
}

/**
 * A path of this site as the URL parser reads it, never one that a browser would take for another host (`//x`, `/\x`,
 * `/.//x`). Anything from a request that becomes a link must pass through here.
 */
export function sitePath(to: string, origin: URL): string | null {
  if (!to.startsWith('/') || !URL.canParse(to, origin.origin)) return null;
  const url = new URL(to, origin.origin);
  if (url.origin !== origin.origin || url.pathname.startsWith('//')) return null;
  return url.pathname + url.search + url.hash;
}

/** `/2fa?to=%2Fbilling`, or `/2fa` without a goal. */
export const withGoal = (url: string, to: string | null): string =>
  to === null ? url : `${url}?to=${encodeURIComponent(to)}`;

/** The same with any parameters, of which those without a value are left out. */
export function withParameters(
  url: string,
  parameters: Readonly<Record<string, string | null | undefined>>,
): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? url : `${url}?${new URLSearchParams(given).toString()}`;
}

/** A query parameter, read without `req.query`: the app may have chosen any query parser, or none. */
export const parameter = ({ originalUrl }: Request, name: string): string | null =>
  parameterOf(originalUrl, name);

/** The decoded parameter. One that appears twice is ignored. */
export function parameterOf(address: string, name: string): string | null {
  const start = address.indexOf('?');
  if (start === -1) return null;
  const [value = null, ...more] = new URLSearchParams(address.slice(start)).getAll(name);
  return more.length === 0 ? value : null;
}

/** What "confirm it's you" requires. */
interface Need {
  /** null: whichever the user has. */
  readonly types: readonly string[] | null;
  /** A key must check a PIN, fingerprint or face. */
  readonly userVerified: boolean;
}

/** Carried from page to page in the URLs of the step. Changing it there only changes what is offered. */
export function needOf(req: Request): Need {
  const need = parameter(req, 'need');
  const types = need !== null && need.length < 100 ? need.split(',') : null;
  return { types, userVerified: parameter(req, 'uv') === '1' };
}

export function withNeed(url: string, { types, userVerified }: Need): string {
  const carried = [
    ...(types ? [`need=${types.map(encodeURIComponent).join(',')}`] : []),
    ...(userVerified ? ['uv=1'] : []),
  ];
  return carried.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${carried.join('&')}`;
}
