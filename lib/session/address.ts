import type { Request } from 'express';
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

/** The address that was asked for, as the browser has it. */
export const askedFor = (host: Host, req: Request): string => outside(host, req.originalUrl);
