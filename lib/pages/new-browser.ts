import type { Request, RequestHandler, Response, Router } from 'express';
import { blockWaiting, findWaiting, isLinkToken, type Found } from '../core/new-browser';
import { isWaiting } from '../core/half-login';
import { refuse, statusOfCode } from '../errors';
import { askedPath, baseOf, withGoal } from '../session/address';
import { wrongOrder } from '../session/errors';
import { goalOf } from '../session/goal';
import { isToldByPage } from '../session/negotiate';
import { isHere, sendLinkOf } from '../session/new-browser';
import { knownLoginState } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import { createGoingOn } from './going-on';
import { isFromElsewhere, refuseForeignByToken } from './csrf';
import { handler, type PageContext } from './page-context';
import { createStepView, provingOf } from './step-view';

const path = '/browser/:token';
const linkUsed = refuse('not_found', { reason: 'link_used' });

/**
 * The pages of a link that confirms a new browser. They need no login: anyone who opens it elsewhere is told what may
 * be going on, and nothing else.
 */
export function linkPages(router: Router, context: PageContext): void {
  const { runtime, respond, proving } = context;
  const goOn = createGoingOn(context);

  router.get(
    path,
    opened(context, async (req, res, found) => {
      if (!isHere(req, found)) return isCookieHeldBack(runtime, req) ? again(req, res) : elsewhere(req, res);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'ready' });
      const next = { href: linkUrl(req), text: 'finish', post: true } as const;
      respond.message(req, res, { code: 'link_ready', next });
    }),
  );
  router.post(
    path,
    opened(context, async (req, res, found) => {
      if (!isHere(req, found)) return elsewhere(req, res);
      const done = await proving.completeByLink(req, res, found);
      if (done.ok) goOn(req, res, done, true);
      else respond.refuse(req, res, done.code === 'not_found' ? linkUsed : done);
    }),
  );
  router.post(
    `${path}/block`,
    opened(context, async (req, res, found, scope) => {
      if (!(await blockWaiting(scope, found))) return respond.refuse(req, res, linkUsed);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'received' }, 202);
      respond.message(req, res, { code: 'link_blocked', next: null }, 202);
    }),
  );

  function elsewhere(req: Request, res: Response): void {
    if (!isToldByPage(req)) return respond.refuse(req, res, refuse('other_browser'));
    const next = { href: `${linkUrl(req)}/block`, text: 'block', post: true } as const;
    respond.message(req, res, { code: 'other_browser', next }, statusOfCode.other_browser);
  }

  /** The same page, asked for by a page of ours, which the cookie comes with. */
  function again(req: Request, res: Response): void {
    const next = { href: linkUrl(req), text: 'continue' } as const;
    respond.message(req, res, { code: 'leaving', next, goesOn: true }, statusOfCode.other_browser);
  }

  /** As the browser sees it, without anything that was appended to it. */
  const linkUrl = (req: Request): string => askedPath(runtime, req).replace(/\/block$/, '');
}

type Work = (
  req: Request,
  res: Response,
  found: Found,
  scope: Parameters<typeof findWaiting>[0],
) => Promise<void>;

/** A request for a link that some login waits for. */
const opened =
  (context: PageContext, work: Work): RequestHandler =>
  (req, res, next) => {
    const { runtime, respond } = context;
    const { token } = req.params;
    if (!isLinkToken(token)) return next();
    if (!knownLoginState(runtime, req)) return next(wrongOrder('pages()'));
    handler(context, async (_req, _res, scope) => {
      const foreign = refuseForeignByToken(runtime, req);
      if (foreign) return respond.refuse(req, res, foreign);
      const found = await findWaiting(scope, token);
      if (!found) return respond.refuse(req, res, linkUsed);
      await work(req, res, found, scope);
    })(req, res, next);
  };

/**
 * The link in a mail comes from another site, and then browsers send no cookie that is `SameSite=Strict`. From a page of
 * ours they do.
 */
function isCookieHeldBack(runtime: Runtime, req: Request): boolean {
  const { sameSite } = req.session.cookie;
  const isStrict = sameSite === 'strict' || sameSite === true;
  return isStrict && isFromElsewhere(req) && knownLoginState(runtime, req)?.status === 'none';
}

/** Another link for the login that waits. */
export function sendLinkPage(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const show = createStepView(context);
  router.post(
    '/browser/send',
    handler(context, async (req, res) => {
      const { login } = provingOf(runtime, req);
      if (!isWaiting(login)) return respond.refuse(req, res, refuse('not_found'));
      const failed = await sendLinkOf(runtime, req, login);
      if (respond.wantsJson(req))
        return failed ? respond.refuse(req, res, failed, ['link']) : show(req, res, null);
      if (failed) return show(req, res, null, failed);
      res.redirect(303, withGoal(baseOf(runtime, req), goalOf(runtime, req)));
    }),
  );
}
