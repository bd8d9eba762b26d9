import type { Request, Router } from 'express';
import type { Account } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { isOn, refuseFull } from '../core/offer';
import type { Scope } from '../core/scope';
import { baseOf, withGoal } from '../session/address';
import { goalOf } from '../session/goal';
import type { Runtime } from '../session/runtime';
import { completeLogin } from './guard';
import { handler, type PageContext, type PagedKinds } from './page-context';

const path = '/backup-code-used';

/**
 * After a sign-in with a backup code: what was lost can be replaced at once, and people who only left it at home go on.
 */
export function codeUsedPage(router: Router, context: PageContext): void {
  const { runtime, respond, kinds } = context;
  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const security = `${baseOf(runtime, req)}/security`;
      const to = goalOf(runtime, req) ?? security;
      const { left, total } = countBackupCodes(found.account) ?? { left: 0, total: 0 };
      if (respond.wantsJson(req))
        return respond.json(req, res, { status: 'passed', url: to, backupCodesLeft: left });
      if (left === total) return res.redirect(303, to);
      respond.page(req, res, 'code-used', {
        left,
        replaceUrl: replaceUrl(kinds, scope, found.account, security),
        codesUrl: `${security}/backup-codes`,
        to,
      });
    }),
  );
}

export const byWayOfCodeUsed = (runtime: Runtime, req: Request, url: string): string =>
  withGoal(`${baseOf(runtime, req)}${path}`, url);

/** Where another of what is lost with the phone is added; if there can be none, where all of them are. */
export function replaceUrl(kinds: PagedKinds, scope: Scope, account: Account, security: string): string {
  const lost = account.factors.find(({ type }) => kinds[type].isOnPhone) ?? account.factors[0];
  const canAdd = lost !== undefined && isOn(scope, lost.type) && !refuseFull(scope, account, lost.type);
  return canAdd ? `${security}/${lost.type}` : security;
}
