import type { Router } from 'express';
import { refuse } from '../errors';
import { cancelRequest } from '../recovery/requests';
import { pageOfRequest } from './open-page';
import { iso, type PageContext } from './page-context';

const path = '/lost/cancel/:token';

/**
 * The link in notices about a request for access. It needs no login: anyone who has it may stop the request, and that is
 * all it does. Opening it only shows, because mail filters open links too.
 */
export function cancelPages(router: Router, context: PageContext): void {
  const { respond } = context;

  router.get(
    path,
    pageOfRequest(context, 'cancel', async (req, res, _scope, { request }) => {
      const { reference, state, startedAt } = request;
      respond.json(req, res, { reference, state, startedAt: iso(startedAt) });
    }),
  );
  router.post(
    path,
    pageOfRequest(context, 'cancel', async (req, res, scope, found) => {
      const done = await cancelRequest(scope, found);
      const isStopped = done.ok || (done.code === 'conflict' && done.state === 'cancelled_by_owner');
      if (!isStopped) return respond.refuse(req, res, done.ok ? refuse('conflict') : done);
      respond.json(req, res, { state: 'cancelled_by_owner' });
    }),
  );
}
