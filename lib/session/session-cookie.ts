import type { SessionData } from 'express-session';

type Cookie = SessionData['cookie'];

/** What an app can decide about its session cookie; its life is told by `originalMaxAge`. */
const attributes = [
  'originalMaxAge',
  'path',
  'domain',
  'secure',
  'httpOnly',
  'sameSite',
  'priority',
  'partitioned',
] as const;

/** As a login record keeps it. */
export type SavedCookie = { readonly [name in (typeof attributes)[number]]?: unknown };

export const saveCookie = (cookie: Cookie): SavedCookie =>
  Object.fromEntries(attributes.map((name) => [name, Reflect.get(cookie, name) as unknown]));

/** Gives a cookie the attributes of another one, and a life as long from now on. */
export function restoreCookie(cookie: Cookie, { originalMaxAge, ...saved }: SavedCookie): void {
  Object.assign(cookie, saved);
  // Setting when it expires sets the other, too. `false` is how some apps write a cookie of the browser session.
  cookie.expires = typeof originalMaxAge === 'number' ? new Date(Date.now() + originalMaxAge) : null;
  cookie.originalMaxAge = typeof originalMaxAge === 'number' ? originalMaxAge : null;
}
