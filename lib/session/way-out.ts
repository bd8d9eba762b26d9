import type { Request, Response } from 'express';
import onHeaders from 'on-headers';
import { isYoung } from '../core/age';
import { randomBrowserToken } from '../crypto/random';
import { baseOf, parameter } from './address';
import { tokenCookie } from './cookie';
import { isNavigation } from './negotiate';
import type { Runtime } from './runtime';

/** A form and the redirects that follow it, on the slowest network. Seconds. */
const LIFE = 60;
/** In an address of ours it grows by a third, and has to fit into a request line. */
const LONGEST = 4096;

export interface WayOut {
  /** Answers a form of ours by a redirect to where the app wants its user. */
  leave(req: Request, res: Response, url: string): void;
  /** Lets what such a form has led to end on another site. */
  watch(req: Request, res: Response): void;
  /** Where the page that goes on leads; null for an address that was not made for this browser. */
  read(req: Request): string | null;
}

/**
 * Where our forms lead may redirect to another site (single sign-on, an OAuth client), and our own policy
 * (`form-action 'self'`) holds for each redirect of a form: the browser stays on our page, with the code used up. So a
 * browser that follows a form of ours carries a mark for a minute. A redirect to another site that answers it goes to a
 * page of ours instead, which goes on by itself: what a page leads to is no longer the form's.
 */
export function createWayOut(runtime: Runtime): WayOut {
  const { origin } = runtime.options;
  const cookie = tokenCookie(origin, { name: 'leaving', seconds: LIFE, most: 1 });

  const markOf = (req: Request): string | null => cookie.read(req)[0] ?? null;

  /** The address is signed for this browser, so that nobody can make it lead anywhere else. */
  const goOn = (req: Request, marked: string, url: string): string => {
    const to = Buffer.from(url).toString('base64url');
    const at = String(runtime.now());
    const sign = runtime.formTokens.of(signed(marked, at, url));
    return `${baseOf(runtime, req)}/continue?url=${to}&at=${at}&sign=${sign}`;
  };

  const elsewhere = (location: unknown, asked: string): string | null => {
    if (typeof location !== 'string' || location.length > LONGEST) return null;
    if (!URL.canParse(location, origin.origin + asked)) return null;
    const url = new URL(location, origin.origin + asked);
    return url.origin === origin.origin || RUNS_HERE.has(url.protocol) ? null : url.href;
  };

  return {
    leave(req, res, url) {
      const marked = randomBrowserToken();
      cookie.write(res, [marked]);
      const away = elsewhere(url, '/');
      res.redirect(303, away === null ? url : goOn(req, marked, away));
    },
    watch(req, res) {
      const marked = markOf(req);
      // A picture or a script that is led elsewhere is none of a form's.
      if (marked === null || !isNavigation(req)) return;
      onHeaders(res, () => {
        if (res.statusCode < 300 || res.statusCode > 399) return;
        const away = elsewhere(res.getHeader('Location'), req.originalUrl);
        if (away !== null) res.setHeader('Location', goOn(req, marked, away));
      });
    },
    read(req) {
      const [marked, sign, at] = [markOf(req), parameter(req, 'sign'), parameter(req, 'at') ?? ''];
      const url = Buffer.from(parameter(req, 'url') ?? '', 'base64url').toString();
      if (marked === null || sign === null || sign.length > 100) return null;
      if (!runtime.formTokens.isRight(sign, signed(marked, at, url))) return null;
      return isYoung(Number(at), LIFE * 1000, runtime.now()) ? url : null;
    },
  };
}

const signed = (marked: string, at: string, url: string): string => `leaving ${marked} ${at} ${url}`;

/** Browsers don't follow redirects to these, and none of our links may be one. */
const RUNS_HERE: ReadonlySet<string> = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'about:',
  'file:',
  'filesystem:',
  'view-source:',
  'intent:',
]);
