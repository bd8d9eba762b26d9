import type { Request, RequestHandler, Response } from 'express';
import type { UserId } from '../account/account';
import { type ErrorCode, type Missing, type Refusal, refuse as refusalOf, statusOfCode } from '../errors';
import { appUrl, baseOf, sitePath } from '../session/address';
import { timeZoneOf, userName } from '../session/app-functions';
import {
  challengeBearer,
  isBearer,
  isFormPost,
  isHtmx,
  isNavigation,
  isToldByPage,
  prefersJson,
} from '../session/negotiate';
import { completeLoginOf, knownLoginState } from '../session/request-state';
import type { Site } from '../session/runtime';
import { isForeignRead } from './csrf';
import { aboutRequest, createMessageOf, LEADS_ON, type Message } from './refusal-message';
import type { Renderer } from './render';
import { requestBanner } from './request-banner';
import type { BrandView, PageFrame, ViewName, Views } from './views';

/** Answers in the form the request wants: JSON or a page. */
export function createResponder(site: Site, renderer: Renderer) {
  const messageOf = createMessageOf(site);

  function frameOf(req: Request, view: ViewName, lang: string): PageFrame {
    const complete = completeLoginOf(site, req);
    const status = knownLoginState(site, req)?.status;
    const isHalf = status === 'owed' || status === 'ended' || status === 'enrol';
    const { lostAccess, csrf } = site.options;
    const base = baseOf(site, req);
    const helpUrl = site.options.helpUrl && appUrl(site, req, site.options.helpUrl);
    return {
      lang,
      timeZone: timeZoneOf(site, req),
      base,
      homeUrl: appUrl(site, req, '/'),
      helpUrl,
      lostUrl: lostAccess ? `${base}/lost` : helpUrl,
      formToken: complete || isHalf ? site.formTokens.of(req.sessionID) : '',
      appField: csrf ? { name: csrf.field, value: csrf.token(req) } : null,
      userName: complete && nameIfAny(complete.seam.userOf(req), complete.userId),
      request: requestBanner(site, req, view),
      brand: brandOf(req),
    };
  }

  function brandOf(req: Request): BrandView {
    const { brand } = site.options;
    const link = (url: string | null) => (url?.startsWith('/') ? appUrl(site, req, url) : url);
    const theme = brand.theme?.(req);
    return {
      logoUrl: link(brand.logo),
      stylesheetUrl: link(brand.stylesheet),
      accountUrl: link(brand.accountUrl),
      signOutUrl: link(brand.signOutUrl),
      header: brand.header?.(req) ?? null,
      theme: theme === 'light' || theme === 'dark' ? theme : null,
    };
  }

  /** The top of a page can do without a name; whatever needs it tells the app what is wrong with it. */
  function nameIfAny(user: unknown, userId: UserId): string | null {
    try {
      return userName(site, user, userId);
    } catch {
      return null;
    }
  }

  function page<V extends ViewName>(
    req: Request,
    res: Response,
    view: V,
    data: Views[V],
    status = 200,
    lang = renderer.languageOf(req),
  ): void {
    securityHeaders(req, res, () => undefined);
    res
      .status(status)
      .vary('Accept')
      .type('html')
      .send(renderer.html(view, data, frameOf(req, view, lang)));
  }

  function json(req: Request, res: Response, body: object, status = 200): void {
    securityHeaders(req, res, () => undefined);
    res.status(status).vary('Accept').json(body);
  }

  /**
   * The one place that answers a refusal: with a redirect to where it can be fixed if a page is being opened, with a
   * page if someone will see it, and otherwise with JSON. A refused form gets a page that says so, not a redirect.
   *
   * @param kinds more specific texts for JSON: `backup-code` before those of any code
   */
  function refuse(req: Request, res: Response, refusal: Refusal, kinds: readonly string[] = []): void {
    const { code, retryAfter, url } = refusal;
    if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
    const status = statusFor(req, res, code);
    if (url !== undefined && isHtmx(req)) res.set('HX-Redirect', url);
    // Scripts of other sites never get a page of ours, which would say who is signed in.
    if (!isToldByPage(req) || isForeignRead(req))
      return json(req, res, { error: errorBody(req, refusal, kinds) }, status);
    if (url !== undefined && LEADS_ON.has(code) && isNavigation(req)) return res.redirect(303, url);
    message(req, res, messageOf(req, refusal), status);
  }

  /** A conflict that redirects even a form of ours, to what has to be done first. */
  function leadOn(req: Request, res: Response, url: string): void {
    if (isFormPost(req)) res.redirect(303, url);
    else refuse(req, res, refusalOf('conflict', { url }));
  }

  /** A page that says one thing. Its link stays on this site, whatever is in the request. */
  function message(req: Request, res: Response, said: Message, status = 200): void {
    const { next, until = null } = said;
    const link = (href: string) => sitePath(href, site.options.origin) ?? appUrl(site, req, '/');
    const safe = next && { ...next, href: link(next.href) };
    page(req, res, 'message', { ...said, next: safe, until, ways: [] }, status);
  }

  function statusFor(req: Request, res: Response, code: ErrorCode): number {
    if (code !== 'step_up_required' || !isBearer(req)) return statusOfCode[code];
    if (!res.hasHeader('WWW-Authenticate')) challengeBearer(res, site.settings.fresh);
    return statusOfCode.sign_in_required;
  }

  function errorBody(req: Request, refusal: Refusal, kinds: readonly string[]) {
    const { code, reason, type, most, triesLeft, retryAfter, field, url, ways, unknownCredential } = refusal;
    const { sentTo, expiresAt, resendAt, state, missing } = refusal;
    const named = [...kinds, ...(type ? [type] : [])].map((kind) => `${kind}.${reason ?? code}`);
    const special = named.flatMap((name) => [`error.${name}`, `message.${name}.text`]);
    const texts = [
      ...special,
      ...(reason ? [`error.${reason}`, `message.${reason}.text`] : []),
      ...aboutRequest(refusal).map((name) => `message.${name}.text`),
      `message.${code}.text`,
    ];
    const lang = renderer.languageOf(req);
    return {
      code,
      message: renderer.firstText(lang, texts, most === undefined ? {} : { most }),
      ...(url !== undefined && { url }),
      ...(triesLeft !== undefined && { triesLeft }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(field !== undefined && { field }),
      ...(ways !== undefined && { ways }),
      ...(state !== undefined && { state }),
      ...(missing !== undefined && { missing: missingIn(lang, missing) }),
      ...(sentTo !== undefined && { sentTo }),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
      ...(resendAt !== undefined && { resendAt: new Date(resendAt).toISOString() }),
      ...(unknownCredential && { unknownCredential }),
    };
  }

  const missingIn = (lang: string, missing: readonly Missing[]): string[] =>
    missing.map((one) => renderer.text(lang, `missing.${one}`));

  /** What a request for access lacks, in the words of whoever asks. */
  const lackingFor =
    (req: Request) =>
    (missing: readonly Missing[]): string[] =>
      missingIn(renderer.languageOf(req), missing);

  /** One of several refusals in one answer. */
  const errorOf = (req: Request, refusal: Refusal) => errorBody(req, refusal, []);

  return { page, json, refuse, leadOn, message, lackingFor, errorOf, wantsJson: prefersJson };
}

export type Responder = ReturnType<typeof createResponder>;

/** What alone lets its bearer do something must not be passed on to where a page of ours leads. */
const TOKEN_IN_URL = /\/[\w-]{43,}(?:[/?]|$)/;

/**
 * On every page, download and error of ours. `no-referrer` makes browsers post our own forms with `Origin: null`, so it is
 * only where the URL holds a token.
 */
export const securityHeaders: RequestHandler = (req, res, next) => {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
  );
  res.setHeader('Referrer-Policy', TOKEN_IN_URL.test(req.originalUrl) ? 'no-referrer' : 'same-origin');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Frame-Options', 'DENY');
  // WebOTP, with which a browser offers the code of a text message. An app with a policy of its own keeps it.
  if (!res.hasHeader('Permissions-Policy')) res.setHeader('Permissions-Policy', 'otp-credentials=(self)');
  next();
};
