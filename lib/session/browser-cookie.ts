import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { mostTokens } from '../core/browser';
import { cookieOf } from './cookie';

const life = 400 * 24 * 60 * 60;
const token = /^[\w-]{22}$/;

/**
 * The tokens that tell browsers seen before from strangers, one for each user of this browser, the newest first.
 * They let nobody in; they only decide whose budget of tries is used. Which is whose only the accounts can say.
 */
export function createBrowserCookie(origin: URL) {
  const cookie = cookieOf(origin, { name: 'browser', seconds: life, sameSite: 'Lax' });
  return {
    read: (req: IncomingMessage): readonly string[] => {
      const tokens = cookie.read(req)?.split('.') ?? [];
      return tokens.length <= mostTokens && tokens.every((one) => token.test(one)) ? tokens : [];
    },
    write: (res: Response, tokens: readonly string[]): void => cookie.write(res, tokens.join('.')),
  };
}

export type BrowserCookie = ReturnType<typeof createBrowserCookie>;
