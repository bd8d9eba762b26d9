import type { Request } from 'express';
import { refuse, type Refusal } from '../errors';
import { field, hasContent } from '../session/body';
import type { Runtime } from '../session/runtime';
import { isJsonBody, isNavigation, prefersJson } from '../session/negotiate';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const isChange = ({ method }: Request): boolean => !SAFE.has(method);

/** By the browser's own word: not opened by hand, and not asked for by a page of ours. */
export function isFromElsewhere({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/**
 * A page of ours may show a secret, so another site, even one of the same domain, may lead to it but not read it or
 * frame it, whatever CORS the app allows above us.
 */
export const isForeignRead = (req: Request): boolean =>
  isFromElsewhere(req) && !isChange(req) && !isNavigation(req);

/**
 * Is this POST meant by the one who sent it? By the browser's own word where it gives one, else by an Origin
 * that is ours; and a form also carries a token of the session it was shown in. Nothing is consumed or
 * counted before.
 */
export function refuseForeign(runtime: Runtime, req: Request): Refusal | null {
  if (!isChange(req)) return null;
  const isForm = isFormPost(req);
  const hasToken = isForm && isRightToken(runtime, req);
  if (!isSameOrigin(runtime, req, hasToken)) return refuse('bad_origin');
  return isForm && !hasToken ? refuse('bad_form_token') : null;
}

/** What the form of a page could send. Other methods, JSON, and JSON asked for without a body are a script's. */
const isFormPost = (req: Request): boolean =>
  req.method === 'POST' && !isJsonBody(req) && (hasContent(req) || !prefersJson(req));

function isSameOrigin(runtime: Runtime, req: Request, hasToken: boolean): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = req.headers;
  return origin === runtime.options.origin.origin || (origin === 'null' && hasToken);
}

function isRightToken(runtime: Runtime, req: Request): boolean {
  const token = field(req, FORM_TOKEN_FIELD);
  return typeof token === 'string' && token.length < 100 && runtime.formTokens.isRight(token, req.sessionID);
}

export const FORM_TOKEN_FIELD = 'form_token';
