import type { Request, Router } from 'express';
import { endedBySignInSince } from '../account/recovery';
import { appUrl, baseOf, withGoal } from '../session/address';
import type { Finished } from '../session/finish';
import { goalOf } from '../session/goal';
import type { Runtime } from '../session/runtime';
import { completeLogin } from './guard';
import { handler, type PageContext } from './page-context';

const path = '/request-ended';

/**
 * After a sign-in that ended a request for access: whoever began it need not go on with it, and an owner who did not learns
 * that somebody tried.
 */
export function requestEndedPage(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const { account, loginState } = found;
      const to = goalOf(runtime, req) ?? appUrl(runtime, req, '/');
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'passed', url: to });
      if (!endedBySignInSince(account, loginState.login.since)) return res.redirect(303, to);
      respond.message(req, res, { code: 'request_ended', next: { href: to, text: 'continue' } });
    }),
  );
}

/** Where a sign-in leads: through that page, if it has something to say. */
export const byWayOfRequestEnded = (runtime: Runtime, req: Request, url: string, done: Finished): string =>
  done.endedRequest && url.startsWith('/') ? withGoal(`${baseOf(runtime, req)}${path}`, url) : url;
