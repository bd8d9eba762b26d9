import type { Router } from 'express';
import { isOpen } from '../account/recovery';
import { cancelRequest } from '../recovery/requests';
import { appUrl, askedPath } from '../session/address';
import { pageOfRequest } from './open-page';
import { iso, type PageContext } from './page-context';

const path = '/lost/cancel/:token';

/**
 * The link in notices about a request for access. It needs no login: anyone who has it may stop the request, and that is
 * all it does. Opening it only shows, because mail filters open links too.
 */
export function cancelPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;

  router.get(
    path,
    pageOfRequest(context, 'cancel', async (req, res, _scope, { request }) => {
      const { reference, state, startedAt, earliestAt = null } = request;
      if (respond.wantsJson(req))
        return respond.json(req, res, {
          reference,
          state,
          startedAt: iso(startedAt),
          earliestAt: iso(earliestAt),
        });
      respond.page(req, res, 'lost-cancel', {
        reference,
        state,
        startedAt,
        earliestAt,
        canStop: isOpen(request) || state === 'on_hold',
        action: askedPath(runtime, req),
        signInUrl: appUrl(runtime, req, runtime.options.loginUrl),
      });
    }),
  );
  router.post(
    path,
    pageOfRequest(context, 'cancel', async (req, res, scope, found) => {
      const done = await cancelRequest(scope, found);
      // It was stopped before, perhaps by the same link.
      const isStopped = done.ok || done.state === 'cancelled_by_owner';
      if (!isStopped) return respond.refuse(req, res, done);
      if (respond.wantsJson(req)) return respond.json(req, res, { state: 'cancelled_by_owner' });
      const next = { href: appUrl(runtime, req, runtime.options.loginUrl), text: 'sign-in' } as const;
      respond.message(req, res, { code: 'request_stopped', next });
    }),
  );
}
