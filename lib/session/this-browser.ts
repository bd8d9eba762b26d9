import type { Request, Response } from 'express';
import { MOST_TOKENS } from '../core/browser';
import { tokenCookie } from './cookie';

/** How long (seconds) a browser is known: as long as it may keep a cookie. */
const LIFE = 400 * 24 * 60 * 60;

/**
 * What the browser of a request keeps of its users: tokens that tell browsers seen before from strangers, one for each
 * user of this browser, newest first. Only the accounts know which token belongs to whom, and what it is good for.
 */
export interface ThisBrowser {
  tokensOf(req: Request): readonly string[];
  /**
   * Called as soon as the account knows the new token: whatever fails afterwards, the browser must not be left with an
   * old one.
   *
   * @param noted `tokens` null: it keeps what it has
   */
  keepTokens(res: Response | undefined, noted: { readonly tokens: readonly string[] | null }): void;
}

export function createThisBrowser(origin: URL): ThisBrowser {
  const cookie = tokenCookie(origin, { name: 'browser', seconds: LIFE, most: MOST_TOKENS });
  return {
    tokensOf: (req) => cookie.read(req),
    keepTokens: (res, { tokens }) => {
      if (res && tokens) cookie.write(res, tokens);
    },
  };
}
