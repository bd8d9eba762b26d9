import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';

/** A cookie of ours: of this host alone, and out of reach of scripts. */
export interface Cookie {
  read(req: IncomingMessage): string | null;
  write(res: Response, value: string): void;
}

/**
 * The only way a cookie of ours is read or written. Its name carries the origin, so that two apps on ports of one host
 * don't overwrite each other; on plain http there is no `__Host-`, as browsers refuse it there.
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
  const attributes = `Max-Age=${seconds}; Path=/; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
  return {
    read: (req) => readCookie(req.headers.cookie ?? '', name),
    write: (res, value) => void res.append('Set-Cookie', `${name}=${value}; ${attributes}`),
  };
}

/**
 * The value of the cookie of exactly this name. Node gives the bytes of a header as Latin-1, and a sibling's
 * `<0xA0>__Host-…; Domain=…` gets past the browser's own rule for that prefix: so nothing but space and tab is dropped
 * around a name (RFC 6265 §5.2). Of two with one name nobody can tell which is ours, so neither counts.
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
