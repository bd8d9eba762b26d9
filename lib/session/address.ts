import type { Request } from 'express';
import { sitePath } from './destination';
import type { Site } from './host';
import { mountOf } from './request-state';

/** A path as the browser has to ask for it: a proxy may have taken the path of `origin` away. */
const outside = (site: Site, path: string): string => {
  const { prefix } = site.options;
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path;
};

/** Where our pages are for this request: `/2fa`, or `/app/2fa` under a mount or a proxy's prefix. */
export const baseOf = (site: Site, req: Request): string => outside(site, mountOf(req) + site.options.path);

/** A link of the app's own, such as its login page. */
export const appUrl = (site: Site, req: Request, path: string): string =>
  outside(site, path.startsWith('/') ? mountOf(req) + path : path);

/** The address that was asked for, as the browser has it; null where a link to it would lead to another site. */
export const askedFor = (site: Site, req: Request): string | null =>
  sitePath(outside(site, req.originalUrl), site.options.origin);

/** The page that sent this request, if it is one of this site. */
export function sentFrom(site: Site, { headers }: Request): string | null {
  const { referer } = headers;
  if (referer === undefined || !URL.canParse(referer)) return null;
  const { origin, pathname, search } = new URL(referer);
  return origin === site.options.origin.origin ? sitePath(pathname + search, site.options.origin) : null;
}
