import type { Router } from 'express';
import { ENROL_LIFE } from '../core/enrol-login';
import { typesOnOffer } from '../core/offer';
import { awaitingCodes } from '../core/pending-codes';
import { refuse } from '../errors';
import { baseOf } from '../session/address';
import { findSettingUp } from './fresh-login';
import { handler, inOrder, iso, type PageContext } from './page-context';

/** What somebody who is let in again can set up. */
export function letInPages(router: Router, context: PageContext): void {
  const { runtime, respond, kinds } = context;

  router.get(
    '/enrol',
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      if (found.complete) return respond.refuse(req, res, refuse('not_found'));
      const base = baseOf(runtime, req);
      const { login, account } = found;
      const until = login.since + ENROL_LIFE;
      const types = inOrder(kinds, typesOnOffer(scope));
      if (respond.wantsJson(req))
        return respond.json(req, res, { status: 'enrol', types, expiresAt: iso(until) });
      if (await awaitingCodes(scope, login, account))
        return res.redirect(303, `${base}/security/backup-codes`);
      respond.page(req, res, 'let-in', {
        ways: types.map((type) => ({ type, labels: [], hints: [], href: `${base}/security/${type}` })),
        until,
        cancelUrl: `${base}/cancel`,
      });
    }),
  );
}
