import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import type { SessionData } from 'express-session';

/** A cookie of ours: for this host only, and out of reach of scripts. */
export interface Cookie {
  read(req: IncomingMessage): string | null;
  write(res: Response, value: string): void;
}

/**
 * The only way a cookie of ours is read or written. Its name contains a digest of the origin, so that two apps on
 * different ports of one host don't overwrite each other's; on plain http there is no `__Host-`, as browsers refuse it
 * there.
 *
 * @param seconds how long the browser keeps it
 */
export function cookieOf(
  origin: URL,
  { name: what, seconds, sameSite }: { name: string; seconds: number; sameSite: 'Lax' | 'Strict' },
): Cookie {
  const isSecure = origin.protocol === 'https:';
  const suffix = createHash('sha256').update(origin.origin).digest('hex').slice(0, 6);
  const name = `${isSecure ? '__Host-' : ''}2fa-${what}-${suffix}`;
  const directives = `Max-Age=${seconds}; Path=/; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
  return {
    read: (req) => readCookie(req.headers.cookie ?? '', name),
    write: (res, value) => void res.append('Set-Cookie', `${name}=${value}; ${directives}`),
  };
}

/**
 * The value of the cookie with exactly this name. Node decodes headers as Latin-1, and a cookie
 * `<0xA0>__Host-…; Domain=…` from a sibling host gets past the browser's rule for that prefix, so only spaces and tabs
 * are trimmed around a name (RFC 6265 §5.2). If two have the same name, nobody can tell which is ours, so neither
 * counts.
 */
export function readCookie(header: string, name: string): string | null {
  if (!header.includes(name)) return null;
  const values = header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at >= 0 && trimmed(pair.slice(0, at)) === name ? [trimmed(pair.slice(at + 1))] : [];
  });
  return values.length === 1 ? (values[0] ?? null) : null;
}

function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const isBlank = (letter: string | undefined): boolean => letter === ' ' || letter === '\t';

const NONE: readonly string[] = [];
const TOKEN = /^[\w-]{22}$/;

/** A cookie that holds random tokens. If it holds anything else, or too many, it is ignored. */
export interface TokenCookie {
  read(req: IncomingMessage): readonly string[];
  write(res: Response, tokens: readonly string[]): void;
}

export function tokenCookie(
  origin: URL,
  { name, seconds, most }: { name: string; seconds: number; most: number },
): TokenCookie {
  const cookie = cookieOf(origin, { name, seconds, sameSite: 'Lax' });
  return {
    read: (req) => {
      const value = cookie.read(req);
      if (value === null) return NONE;
      const tokens = value.split('.');
      return tokens.length <= most && tokens.every((one) => TOKEN.test(one)) ? tokens : [];
    },
    write: (res, tokens) => cookie.write(res, tokens.join('.')),
  };
}

type SessionCookie = SessionData['cookie'];

/** What an app can decide about its session cookie; `originalMaxAge` is its lifetime. */
const ATTRIBUTES = [
  'originalMaxAge',
  'path',
  'domain',
  'secure',
  'httpOnly',
  'sameSite',
  'priority',
  'partitioned',
] as const;

/** A session cookie as a login record keeps it. */
type SavedCookie = { readonly [name in (typeof ATTRIBUTES)[number]]?: unknown };

export const saveCookie = (cookie: SessionCookie): SavedCookie =>
  Object.fromEntries(ATTRIBUTES.map((name) => [name, Reflect.get(cookie, name) as unknown]));

/** Gives a cookie the saved attributes, with the full lifetime counted from now. */
export function restoreCookie(cookie: SessionCookie, { originalMaxAge, ...saved }: SavedCookie): void {
  Object.assign(cookie, saved);
  // Setting `expires` also sets `maxAge`. Some apps write `false` for a cookie that ends with the browser session.
  cookie.expires = typeof originalMaxAge === 'number' ? new Date(Date.now() + originalMaxAge) : null;
  cookie.originalMaxAge = typeof originalMaxAge === 'number' ? originalMaxAge : null;
}
