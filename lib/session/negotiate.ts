import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';

type Kind = 'html' | 'json';

/** JSON when Accept prefers it or the body is JSON; such a request never gets a redirect. */
export const prefersJson = (req: Request): boolean =>
  isJsonBody(req) || preferred(req.headers.accept) === 'json';

export const isJsonBody = (req: IncomingMessage): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '');

/** A page is being opened: the one kind of request, beside the form of a login, that is ever sent to a page of ours. */
export const isNavigation = (req: Request): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') && !prefersJson(req) && opensPage(req);

/** A form was sent by a page, and its reader sees what comes back. Programs leave Accept out; browsers, and their scripts, never. */
export const isFormPost = (req: Request): boolean =>
  req.method === 'POST' &&
  !prefersJson(req) &&
  (opensPage(req) || (saysNothing(req) && req.headers.accept === undefined));

/** Whether a refusal is answered with a page: for all but scripts, which get JSON unless they ask for HTML. */
export const isToldByPage = (req: Request): boolean =>
  !prefersJson(req) && (opensPage(req) || saysNothing(req) || preferred(req.headers.accept) === 'html');

/** htmx swaps nothing on a 401 or 403, and goes where the header `HX-Redirect` says. */
export const isHtmx = ({ headers }: IncomingMessage): boolean => headers['hx-request'] !== undefined;

/**
 * What comes back takes the place of a page: by the browser's own word, or where it says nothing, because HTML is
 * preferred. `empty` is the destination when a service worker fetches again what the browser wanted. Frames are left
 * out: they show no page of ours.
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

/** Android puts the name of the app that shows a web view into the same header. */
const isXhr = ({ headers }: IncomingMessage): boolean =>
  /^xmlhttprequest$/i.test(String(headers['x-requested-with'] ?? ''));

/** From an old browser, or from none: it is unknown whether anyone looks at the answer. */
const saysNothing = (req: IncomingMessage): boolean =>
  req.headers['sec-fetch-mode'] === undefined &&
  req.headers['sec-fetch-dest'] === undefined &&
  !isHtmx(req) &&
  !isXhr(req);

/** Which of the two an Accept header prefers (RFC 9110 §12.5.1); null when it names neither. */
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
 * RFC 9470 §3: the token is good, and its proof too old or too weak for what is asked.
 *
 * @param acr `phr`: it has to resist phishing (OpenID Connect EAP ACR Values 1.0 §4)
 */
export function challengeBearer(res: Response, age: number, acr: string | null = null): void {
  const maxAge = Number.isFinite(age) ? `, max_age="${Math.floor(age / 1000)}"` : '';
  const acrValues = acr === null ? '' : `, acr_values="${acr}"`;
  const error = 'error="insufficient_user_authentication", error_description="A newer proof is required"';
  res.set('WWW-Authenticate', `Bearer ${error}${acrValues}${maxAge}`);
}
