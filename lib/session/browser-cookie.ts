import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { randomBrowserToken } from '../crypto/random';

const life = 400 * 24 * 60 * 60;

/**
 * A random token that tells browsers seen before from strangers. It lets nobody in; it only decides whose
 * budget of tries is used. All users of a browser share it; each account stores its own digest. The name
 * carries the origin, so that two apps on ports of one host don't overwrite each other.
 */
export function createBrowserCookie(origin: URL) {
  const suffix = createHash('sha256').update(origin.origin).digest('hex').slice(0, 6);
  const secure = origin.protocol === 'https:';
  const name = `${secure ? '__Host-' : ''}2fa-browser-${suffix}`;
  const pattern = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{22})(?:;|$)`);

  const read = (req: IncomingMessage): string | null => pattern.exec(req.headers.cookie ?? '')?.[1] ?? null;

  return {
    read,
    readOrMake: (req: IncomingMessage): string => read(req) ?? randomBrowserToken(),
    write(res: Response, token: string): void {
      const attributes = `Max-Age=${life}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      res.append('Set-Cookie', `${name}=${token}; ${attributes}`);
    },
  };
}

export type BrowserCookie = ReturnType<typeof createBrowserCookie>;
