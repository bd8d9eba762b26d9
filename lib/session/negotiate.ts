import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';

type Kind = 'html' | 'json';

/** True if Accept prefers JSON or the body is JSON; such a request never gets a redirect. */
export const prefersJson = (req: Request): boolean =>
  isJsonBody(req) || preferred(req.headers.accept) === 'json';

export const isJsonBody = (req: IncomingMessage): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '');

/** A form with files in it. */
export const isMultipart = ({ headers }: IncomingMessage): boolean =>
  /^multipart\/form-data\s*(;|$)/i.test(headers['content-type'] ?? '');

/** A page is being opened: besides a login form, the only kind of request that is ever redirected to a page of ours. */
export const isNavigation = (req: Request): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') && !prefersJson(req) && opensPage(req);

/**
 * A page submitted a form, and someone will see the answer. Programs may leave out Accept; browsers and their scripts
 * never do.
 */
export const isFormPost = (req: Request): boolean =>
  req.method === 'POST' &&
  !prefersJson(req) &&
  (opensPage(req) || (saysNothing(req) && req.headers.accept === undefined));

/** Whether a refusal is answered with a page: always, except for scripts, which get JSON unless they ask for HTML. */
export const isToldByPage = (req: Request): boolean =>
  !prefersJson(req) && (opensPage(req) || saysNothing(req) || preferred(req.headers.accept) === 'html');

/** htmx swaps nothing on a 401 or 403, but follows the header `HX-Redirect`. */
export const isHtmx = ({ headers }: IncomingMessage): boolean => headers['hx-request'] !== undefined;

/**
 * Whether the answer will be shown as a page: the browser says so, or, where it says nothing, HTML is preferred. The
 * destination is `empty` when a service worker repeats the browser's request. Frames don't count: they never show a
 * page of ours.
 */
function opensPage(req: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = req.headers;
  if (isHtmx(req) || isXhr(req)) return false;
  if (mode !== undefined) {
    return mode === 'navigate' && (destination === undefined || DESTINATIONS.has(destination));
  }
  return destination === undefined ? preferred(req.headers.accept) === 'html' : destination === 'document';
}

const DESTINATIONS: ReadonlySet<unknown> = new Set(['document', 'empty']);

/** In the same header Android sends the name of the app that shows a web view. */
const isXhr = ({ headers }: IncomingMessage): boolean =>
  /^xmlhttprequest$/i.test(String(headers['x-requested-with'] ?? ''));

/** From an old browser, or not from a browser: nobody knows whether anyone will look at the answer. */
const saysNothing = (req: IncomingMessage): boolean =>
  req.headers['sec-fetch-mode'] === undefined &&
  req.headers['sec-fetch-dest'] === undefined &&
  !isHtmx(req) &&
  !isXhr(req);

/** Which of the two the Accept header prefers (RFC 9110 §12.5.1); null when it names neither. */
function preferred(accept: string | undefined): Kind | null {
  const ranked = (accept ?? '').slice(0, 1000).split(',').map(parse);
  const html = weightOf(ranked, ['text/html', 'application/xhtml+xml']);
  const json = weightOf(ranked, ['application/json']);
  if (html === 0 && json === 0) return null;
  return json > html ? 'json' : 'html';
}

const weightOf = (ranked: readonly { type: string; weight: number }[], types: readonly string[]): number =>
  Math.max(0, ...ranked.filter(({ type }) => types.includes(type)).map(({ weight }) => weight));

function parse(part: string): { type: string; weight: number } {
  const [type = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
  const quality = parameters.find((one) => one.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

export const isBearer = (req: Request): boolean => /^bearer /i.test(req.headers.authorization ?? '');

/**
 * RFC 9470 §3: the token is valid, but its proof is too old or too weak for this request.
 *
 * @param acr `phr`: the proof has to resist phishing (OpenID Connect EAP ACR Values 1.0 §4)
 */
export function challengeBearer(res: Response, age: number, acr: string | null = null): void {
  const maxAge = Number.isFinite(age) ? `, max_age="${Math.floor(age / 1000)}"` : '';
  const acrValues = acr === null ? '' : `, acr_values="${acr}"`;
  const error = 'error="insufficient_user_authentication", error_description="A newer proof is required"';
  res.set('WWW-Authenticate', `Bearer ${error}${acrValues}${maxAge}`);
}
