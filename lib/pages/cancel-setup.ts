import type { Router } from 'express';
import type { FactorType } from '../account/account';
import { cancelSetup } from '../core/setup';
import { baseOf } from '../session/address';
import { completeLogin } from './guard';
import { handler, type PageContext } from './page-context';

/** Gives up a set-up; the next one begins anew. */
export function cancelPage(router: Router, context: PageContext, type: FactorType): void {
  const { runtime, respond } = context;
  router.post(
    `/security/${type}/cancel`,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      await cancelSetup(scope, found.loginState.login, type);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled' });
      res.redirect(303, `${baseOf(runtime, req)}/security?done=setup_cancelled`);
    }),
  );
}
