import type { Request } from 'express';
import { refuse, type Refusal } from '../errors';
import { field, hasContent } from '../session/body';
import type { Runtime } from '../session/runtime';
import { isJsonBody, isNavigation, prefersJson } from '../session/negotiate';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const isChange = ({ method }: Request): boolean => !SAFE.has(method);

/** Whether the browser says that this was neither opened by hand nor requested by a page of ours. */
export function isFromElsewhere({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/**
 * A page of ours may show a secret, so another site, even one on the same domain, may link to it but not read or frame
 * it, whatever CORS the app allows.
 */
export const isForeignRead = (req: Request): boolean =>
  isFromElsewhere(req) && !isChange(req) && !isNavigation(req);

/**
 * Did the user mean to send this POST? The browser may say so itself; otherwise the Origin has to be ours. A form must
 * also carry a token of the session it was shown in. Nothing is used up or counted before this.
 */
export function refuseForeign(runtime: Runtime, req: Request): Refusal | null {
  if (!isChange(req)) return null;
  const isForm = isFormPost(req);
  const hasToken = isForm && isRightToken(runtime, req);
  if (!isSameOrigin(runtime, req, hasToken)) return refuse('bad_origin');
  return isForm && !hasToken ? refuse('bad_form_token') : null;
}

/** Whether a page that needs no login may be read or posted. Its form has no token: what browsers say must do. */
export const refuseForeignByHeaders = (runtime: Runtime, req: Request): Refusal | null =>
  refuseUnlessOurs(runtime, req, false);

/** The same where the token is in the URL: no other site knows it, so it is that of the form too. */
export const refuseForeignByToken = (runtime: Runtime, req: Request): Refusal | null =>
  refuseUnlessOurs(runtime, req, true);

function refuseUnlessOurs(runtime: Runtime, req: Request, hasToken: boolean): Refusal | null {
  const isForeign = isChange(req) ? !isSameOrigin(runtime, req, hasToken) : isForeignRead(req);
  return isForeign ? refuse('bad_origin') : null;
}

/** What an HTML form could send. Other methods, JSON, and requests for JSON without a body come from scripts. */
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

const FORM_TOKEN_FIELD = 'form_token';
