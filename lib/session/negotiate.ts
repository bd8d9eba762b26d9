import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';

type Kind = 'html' | 'json';

/** JSON when Accept prefers it or the body is JSON; such a request never gets a redirect. */
export const wantsJson = (req: Request): boolean =>
  isJsonBody(req) || preferred(req.headers.accept) === 'json';

export const isJsonBody = (req: IncomingMessage): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '');

/** A page is being opened: by the browser's own word, or where it says nothing, because HTML is preferred. */
export function isNavigation(req: Request): boolean {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false;
  const destination = req.headers['sec-fetch-dest'];
  return destination === undefined ? preferred(req.headers.accept) === 'html' : destination === 'document';
}

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
