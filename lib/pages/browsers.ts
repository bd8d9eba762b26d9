import type { Request, Response, Router } from 'express';
import type { Account, Browser } from '../account/account';
import { visitOf } from '../core/browser';
import { forgetBrowsersOf } from '../core/forget-browser';
import { rememberedUntil } from '../core/remembered';
import type { Scope } from '../core/scope';
import { baseOf } from '../session/address';
import { browserInWords } from './browser-words';
import { completeLogin } from './guard';
import { leaveNotice, takeNotice } from './notice';
import { handler, iso, type PageContext } from './page-context';
import type { BrowserView } from './views';

const path = '/security/browsers';

/** The browsers that the account knows: which there are, and forgetting one or all of them. */
export function browserPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;

  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const browsers = viewsOf(req, scope, found.account);
      if (respond.wantsJson(req)) return respond.json(req, res, { browsers: browsers.map(browserJson) });
      const url = pageUrl(req);
      respond.page(req, res, 'browsers', {
        browsers: browsers.map((one) => ({ ...one, forgetUrl: `${url}/${one.id}/forget` })),
        forgetAllUrl: `${url}/forget`,
        notice: takeNotice(req, found.loginState.login),
      });
    }),
  );
  router.post(
    `${path}/forget`,
    handler(context, (req, res, scope) => forget(req, res, scope, null)),
  );
  router.post(
    `${path}/:id/forget`,
    handler(context, (req, res, scope) => forget(req, res, scope, String(req.params.id))),
  );

  async function forget(req: Request, res: Response, scope: Scope, id: string | null): Promise<void> {
    const found = await completeLogin(context, req, res, scope);
    if (!found) return;
    const { login } = found.loginState;
    const forgotten = await forgetBrowsersOf(scope, login, id);
    if (!forgotten.ok) return respond.refuse(req, res, forgotten);
    if (respond.wantsJson(req)) return respond.json(req, res, { status: 'forgotten' });
    const [one] = forgotten.browsers;
    if (id === null || !one) leaveNotice(req, login, 'browsers_forgotten');
    else leaveNotice(req, login, 'browser_forgotten', browserInWords(renderer, req, one.name));
    res.redirect(303, pageUrl(req));
  }

  const pageUrl = (req: Request): string => `${baseOf(runtime, req)}${path}`;

  function viewsOf(req: Request, scope: Scope, account: Account): Omit<BrowserView, 'forgetUrl'>[] {
    const { known } = visitOf(account, runtime.browser.tokensOf(req), scope);
    return account.browsers.map((browser: Browser) => ({
      id: browser.id,
      name: browserInWords(renderer, req, browser.name),
      firstAt: browser.addedAt,
      lastAt: browser.lastSeenAt,
      isThis: known.includes(browser),
      rememberedUntil: rememberedUntil(browser, scope.settings, scope.now()),
    }));
  }
}

const browserJson = ({
  firstAt,
  lastAt,
  rememberedUntil: until,
  ...browser
}: Omit<BrowserView, 'forgetUrl'>) => ({
  ...browser,
  firstAt: iso(firstAt),
  lastAt: iso(lastAt),
  rememberedUntil: iso(until),
});
