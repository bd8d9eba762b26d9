import type { Request } from 'express';
import { sitePath } from './destination';
import type { Host } from './host';
import { mountOf } from './request-state';

/** A path as the browser has to ask for it: a proxy may have taken the path of `origin` away. */
const outside = (host: Host, path: string): string => {
  const { prefix } = host.options;
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path;
};

/** Where our pages are for this request: `/2fa`, or `/app/2fa` under a mount or a proxy's prefix. */
export const baseOf = (host: Host, req: Request): string => outside(host, mountOf(req) + host.options.path);

/** A link of the app's own, such as its login page. */
export const appUrl = (host: Host, req: Request, path: string): string =>
  outside(host, path.startsWith('/') ? mountOf(req) + path : path);

/** The address that was asked for, as the browser has it; null where a link to it would lead to another host. */
export const askedFor = (host: Host, req: Request): string | null =>
  sitePath(outside(host, req.originalUrl), host.options.origin);

/** The page that sent this request, if it is one of this site. */
export function sentFrom(host: Host, { headers }: Request): string | null {
  const { referer } = headers;
  if (referer === undefined || !URL.canParse(referer)) return null;
  const { origin, pathname, search } = new URL(referer);
  return origin === host.options.origin.origin ? sitePath(pathname + search, host.options.origin) : null;
}
