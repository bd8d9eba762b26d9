import type { Request } from 'express';
import { appUrl } from './address';
import type { Site } from './host';

/** Whether this path, below where we are mounted, is of a route that signs in by GET. */
export const isLoginRoute = ({ logins }: Site, path: string): boolean =>
  [...logins].some((one) => isAtOrBelow(path, one));

/** Whether an address of this site is a login itself. A link that signed somebody in may be spent. */
export function leadsToLogin(site: Site, req: Request, address: string): boolean {
  const [path = ''] = address.split(/[?#]/, 1);
  return (
    isSame(path, appUrl(site, req, site.options.loginUrl)) ||
    [...site.logins].some((one) => isAtOrBelow(path, appUrl(site, req, one)))
  );
}

const isAtOrBelow = (path: string, one: string): boolean =>
  isSame(path, one) || isSame(path.slice(0, one.length + 1), `${one}/`);

// Routes of Express take capitals and a slash at the end unless told otherwise.
const isSame = (path: string, one: string): boolean => path.toLowerCase() === one.toLowerCase();
