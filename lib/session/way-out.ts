import type { Request, Response } from 'express';
import onHeaders from 'on-headers';
import { isYoung } from '../core/age';
import { randomBrowserToken } from '../crypto/random';
import { baseOf, parameter } from './address';
import { tokenCookie } from './cookie';
import { isNavigation } from './negotiate';
import type { Runtime } from './runtime';

/** Seconds that a form and the redirects after it may take, on the slowest network. */
const LIFE = 60;
/** In a URL of ours it grows by a third, and has to fit into a request line. */
const LONGEST = 4096;

export interface WayOut {
  /** Answers a form of ours with a redirect to where the app wants its user. */
  leave(req: Request, res: Response, url: string): void;
  /** Lets the redirects after such a form end on another site. */
  watch(req: Request, res: Response): void;
  /** Where the page in between leads; null for a URL that was not made for this browser. */
  read(req: Request): string | null;
}

/**
 * The page after one of our forms may redirect to another site (single sign-on, an OAuth client), but our own policy
 * (`form-action 'self'`) applies to every redirect of a form: the browser would stay on our page, with the code used
 * up. So a browser that submits a form of ours carries a mark for a minute. A redirect to another site then goes to a
 * page of ours instead, which continues by itself: a navigation from a page no longer belongs to the form.
 */
export function createWayOut(runtime: Runtime): WayOut {
  const { origin } = runtime.options;
  const cookie = tokenCookie(origin, { name: 'leaving', seconds: LIFE, most: 1 });

  const markOf = (req: Request): string | null => cookie.read(req)[0] ?? null;

  /** The URL is signed for this browser, so that nobody can make it lead anywhere else. */
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
      // An image or a script that is redirected elsewhere has nothing to do with a form.
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

/** Browsers don't follow redirects to these, and no link of ours may be one. */
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
