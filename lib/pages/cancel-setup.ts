import type { Router } from 'express';
import type { FactorType } from '../account/account';
import { cancelSetup } from '../core/setup';
import { baseOf } from '../session/address';
import { completeLogin } from './guard';
import { handler, type Parts } from './parts';

/** Gives up a set-up; the next one begins anew. */
export function cancelPage(router: Router, parts: Parts, type: FactorType): void {
  const { runtime, respond } = parts;
  router.post(
    `/security/${type}/cancel`,
    handler(parts, async (req, res, scope) => {
      const found = await completeLogin(parts, req, res, scope);
      if (!found) return;
      await cancelSetup(scope, found.loginState.login, type);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled' });
      res.redirect(303, `${baseOf(runtime, req)}/security?done=setup_cancelled`);
    }),
  );
}
