import type { Request, RequestHandler, Response, Router } from 'express';
import { refuse } from '../errors';
import { baseOf } from '../session/address';
import { express } from '../session/express';
import { activityPages } from './activity';
import { browserPages } from './browsers';
import { codeUsedPage } from './code-used';
import { factorPages } from './factor';
import { pageGuard } from './guard';
import { ownerAccessPages } from './owner-access';
import { liveCodePages } from './live-code';
import { loginPages } from './logins';
import { letInPages } from './let-in';
import { lostPages } from './lost';
import { blockPages } from './lost-block';
import { cancelPages } from './lost-cancel';
import { startPages } from './lost-request';
import { statusPages } from './lost-status';
import { linkPages, sendLinkPage } from './new-browser';
import { holdPages, objectPages } from './object';
import { offerKeyPages } from './offer-key';
import { bodyReader, notFound, type PageContext, rowsOf } from './page-context';
import { requestEndedPage } from './request-ended';
import { securityHeaders } from './respond';
import { securityPages } from './security';
import { stepPages } from './step';
import { voucherPages } from './vouchers';
import { ticketPages } from './ticket';

/** Every page of ours, for mounting at `path`. */
export function createPages(context: PageContext): Router {
  const router = express().Router({ caseSensitive: true, strict: true });
  router.use('/assets', context.renderer.assets.handler);
  // Answered by `passkeySignIn()`, if the app has mounted it.
  if (context.runtime.settings.keys?.passkeys)
    router.post(['/passkey', '/passkey/options'], (_req, _res, next) => next('router'));
  router.use(securityHeaders);
  continuePage(router, context);
  lostPages(router, context);
  router.use(bodyReader(context.runtime));
  blockPages(router, context);
  startPages(router, context);
  statusPages(router, context);
  cancelPages(router, context);
  linkPages(router, context);
  objectPages(router, context);
  ticketPages(router, context);
  router.use(pageGuard(context));
  sendLinkPage(router, context);
  letInPages(router, context);
  stepPages(router, context);
  liveCodePages(router, context);
  offerKeyPages(router, context);
  codeUsedPage(router, context);
  requestEndedPage(router, context);
  securityPages(router, context);
  holdPages(router, context);
  browserPages(router, context);
  loginPages(router, context);
  activityPages(router, context);
  ownerAccessPages(router, context);
  voucherPages(router, context);
  for (const [, { pages }] of rowsOf(context.kinds)) pages.routes(router, context);
  factorPages(router, context);
  router.use(...notFound(context));
  return router;
}

/** Most requests are for the app: they need not go through a router to find that out. */
export function mounted(context: PageContext, pages: Router): RequestHandler {
  const { path, loginUrl } = context.runtime.options;
  const router = express().Router({ caseSensitive: true }).use(path, pages);
  return (req, res, next) => {
    // The whole URL is a field of the request; its path is parsed.
    const { url } = req;
    if (url.includes(loginUrl) && req.path === loginUrl && req.method === 'GET')
      announceStep(context, req, res);
    if (url.includes(path)) router(req, res, next);
    else next();
  };
}

/** While people type the password, their browser fetches what the step would wait for. */
function announceStep({ runtime, renderer }: PageContext, req: Request, res: Response): void {
  const url = renderer.assets.url(baseOf(runtime, req), 'style.css');
  res.append('Link', `<${url}>; rel=prefetch; as=style`);
}

/**
 * Continues to another site, where a form of ours may not lead by itself. For someone who has just signed in, or out.
 */
function continuePage(router: Router, { wayOut, respond }: PageContext): void {
  router.get('/continue', (req, res) => {
    const href = wayOut.read(req);
    if (href === null) return respond.refuse(req, res, refuse('not_found'));
    if (respond.wantsJson(req)) return respond.json(req, res, { url: href });
    const next = { href, text: 'continue' } as const;
    respond.page(req, res, 'message', { code: 'leaving', next, goesOn: true, until: null, ways: [] });
  });
}
