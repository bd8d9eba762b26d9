import type { Request } from 'express';

const longest = 2048;

/**
 * The way back, if it leads to this site: a path of the same origin by the URL parser, never an address
 * that a browser would read as another host (`//x`, `/\x`, `/.//x`).
 */
export function safePath(to: unknown, origin: URL): string | null {
  if (typeof to !== 'string' || to === '' || to.length > longest) return null;
  if (!to.startsWith('/') || !URL.canParse(to, origin.origin)) return null;
  const url = new URL(to, origin.origin);
  if (url.origin !== origin.origin || url.pathname.startsWith('//')) return null;
  const path = url.pathname + url.search + url.hash;
  // In our own address it grows once more, and that has to fit into a header line of any proxy.
  return encodeURIComponent(path).length > longest ? null : path;
}

/**
 * Where a login wanted to go: our own `to`, which "sign in again" carries on, then what Passport apps use.
 * Read before the session is regenerated.
 */
export function wantedBy(
  req: Request,
  options: { readonly successRedirect?: string; readonly successReturnToOrRedirect?: string },
  origin: URL,
): string | null {
  const returnTo = (req.session as { returnTo?: unknown } | undefined)?.returnTo;
  const body = req.body as { to?: unknown } | undefined;
  const candidates = [
    req.query?.to ?? body?.to,
    returnTo,
    options.successReturnToOrRedirect,
    options.successRedirect,
  ];
  return candidates.map((to) => safePath(to, origin)).find((to) => to !== null) ?? null;
}

/** `/2fa?to=%2Fbilling`, or without a goal `/2fa`. */
export const withGoal = (url: string, to: string | null): string =>
  to === null ? url : `${url}?to=${encodeURIComponent(to)}`;
