import type { Request, Response } from 'express';
import { statusOfCode, type ErrorCode, type Refusal } from '../errors';
import { appUrl, askedFor, baseOf } from '../session/address';
import { challengeBearer, isBearer } from '../session/bearer';
import { safePath, withGoal } from '../session/destination';
import type { Host } from '../session/host';
import { wantsJson } from '../session/negotiate';
import { knownStanding } from '../session/request-state';
import { isForeignRead } from './csrf';
import { securityHeaders } from './headers';
import { goal } from './input';
import { shownUntil } from './parts';
import type { Renderer } from './render';
import type { MessageView, PageContext, ViewName, Views } from './views';

/** Answers in the form the request wants: JSON, or a page. */
export function createResponder(host: () => Host, renderer: Renderer) {
  function contextOf(req: Request): PageContext {
    const standing = knownStanding(req);
    const isComplete = standing?.status === 'passed' || standing?.status === 'exempt';
    const isHalf = standing?.status === 'owed' || standing?.status === 'ended';
    const { users, helpUrl, csrf } = host().options;
    return {
      lang: renderer.languageOf(req),
      base: baseOf(host(), req),
      homeUrl: appUrl(host(), req, '/'),
      helpUrl: helpUrl && appUrl(host(), req, helpUrl),
      formToken: isComplete || isHalf ? host().formTokens.of(req.sessionID) : '',
      appField: csrf ? { name: csrf.field, value: csrf.token(req) } : null,
      userName: isComplete ? users.name(standing.seam.userOf(req)) : null,
    };
  }

  function page<V extends ViewName>(
    req: Request,
    res: Response,
    view: V,
    data: Views[V],
    status = 200,
  ): void {
    securityHeaders(req, res, () => undefined);
    res
      .status(status)
      .vary('Accept')
      .type('html')
      .send(renderer.html(view, data, contextOf(req)));
  }

  function json(req: Request, res: Response, body: object, status = 200): void {
    securityHeaders(req, res, () => undefined);
    res.status(status).vary('Accept').json(body);
  }

  /** @param kinds pick the more special words for JSON: `backup-code` before those of any code */
  function refuse(req: Request, res: Response, refusal: Refusal, kinds: readonly string[] = []): void {
    const { code, retryAfter, url } = refusal;
    if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
    const status = statusFor(req, res, code);
    // Not even a page of ours: it says who is signed in.
    if (wantsJson(req) || isForeignRead(req))
      return json(req, res, { error: errorBody(req, refusal, kinds) }, status);
    if (code === 'second_factor_required' && url) return res.redirect(303, url);
    page(req, res, 'message', message(req, refusal), status);
  }

  function statusFor(req: Request, res: Response, code: ErrorCode): number {
    if (code !== 'step_up_required' || !isBearer(req)) return statusOfCode[code];
    if (!res.hasHeader('WWW-Authenticate')) challengeBearer(res, host().settings.fresh);
    return statusOfCode.sign_in_required;
  }

  function errorBody(req: Request, refusal: Refusal, kinds: readonly string[]) {
    const { code, reason, type, triesLeft, retryAfter, field, url, ways, unknownCredential } = refusal;
    const named = [...kinds, ...(type ? [type] : [])].map((kind) => `${kind}.${reason ?? code}`);
    const special = named.flatMap((name) => [`error.${name}`, `message.${name}.text`]);
    const texts = [
      ...special,
      ...(reason ? [`error.${reason}`, `message.${reason}.text`] : []),
      `message.${code}.text`,
    ];
    return {
      code,
      message: renderer.firstText(renderer.languageOf(req), texts),
      ...(url !== undefined && { url }),
      ...(triesLeft !== undefined && { triesLeft }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(field !== undefined && { field }),
      ...(ways !== undefined && { ways }),
      ...(unknownCredential && { unknownCredential }),
    };
  }

  function message(req: Request, refusal: Refusal): MessageView {
    const { code, reason, type, url } = refusal;
    return {
      code,
      special: [...(reason ? [reason] : []), ...(type ? [`${type}.${code}`] : [])],
      next: nextStep(req, code, url),
      until: shownUntil(refusal, host().now()),
      ways: [],
    };
  }

  function nextStep(req: Request, code: ErrorCode, url: string | undefined): MessageView['next'] {
    const isComplete = knownStanding(req)?.status === 'passed' || knownStanding(req)?.status === 'exempt';
    const back = isComplete ? `${baseOf(host(), req)}/security` : appUrl(host(), req, '/');
    // A login that is still there, half or whole, has to end first: signing in again would go on with it.
    if (code === 'half_login_ended' || (code === 'sign_in_required' && isComplete)) {
      return { href: withGoal(`${baseOf(host(), req)}/cancel`, wanted(req)), text: 'sign-in', post: true };
    }
    if (code === 'sign_in_required') {
      return {
        href: url ?? withGoal(appUrl(host(), req, host().options.loginUrl), wanted(req)),
        text: 'sign-in',
      };
    }
    if (code === 'step_up_required') return { href: url ?? back, text: 'confirm' };
    const isAgain = statusOfCode[code] === 503 || code === 'bad_form_token';
    if (isAgain && req.method === 'GET') return { href: askedFor(host(), req), text: 'retry' };
    return { href: url ?? back, text: 'back' };
  }

  /** The goal of a page of ours, or the page of the app that was asked for. */
  function wanted(req: Request): string | null {
    const asked = askedFor(host(), req);
    const isTheirs = req.method === 'GET' && !asked.startsWith(baseOf(host(), req));
    return safePath(goal(req) ?? (isTheirs ? asked : null), host().options.origin);
  }

  return { page, json, refuse, wantsJson };
}

export type Responder = ReturnType<typeof createResponder>;
