const LONGEST = 2_000;

/**
 * A path on this site to go to after signing in, or undefined if it would lead elsewhere. The URL parser
 * rewrites it, because browsers take `/\x` and `//x` for addresses of other sites.
 */
export function safeTarget(to: unknown, origin: string): string | undefined {
  if (typeof to !== 'string' || to.length > LONGEST || !to.startsWith('/')) return undefined;
  if (!URL.canParse(to, origin)) return undefined;
  const { origin: target, pathname, search, hash } = new URL(to, origin);
  if (target !== origin || pathname.startsWith('//')) return undefined;
  return pathname + search + hash;
}
