const longest = 2048;

/** The way back, if it leads to this site and is no longer than it may be. */
export function safePath(to: unknown, origin: URL): string | null {
  const path = typeof to === 'string' && to.length <= longest ? sitePath(to, origin) : null;
  // In our own address it grows once more, and that has to fit into a header line of any proxy.
  return path === null || encodeURIComponent(path).length > longest ? null : path;
}

/**
 * A path of this site by the URL parser, never an address that a browser would read as another host (`//x`, `/\x`,
 * `/.//x`). Whatever of a request becomes a link has to come through here.
 */
export function sitePath(to: string, origin: URL): string | null {
  if (!to.startsWith('/') || !URL.canParse(to, origin.origin)) return null;
  const url = new URL(to, origin.origin);
  if (url.origin !== origin.origin || url.pathname.startsWith('//')) return null;
  return url.pathname + url.search + url.hash;
}

/** `/2fa?to=%2Fbilling`, or without a goal `/2fa`. */
export const withGoal = (url: string, to: string | null): string =>
  to === null ? url : `${url}?to=${encodeURIComponent(to)}`;
