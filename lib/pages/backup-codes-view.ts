import type { Request, Response } from 'express';
import { countBackupCodes } from '../account/backup-codes';
import { pendingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import type { Refusal } from '../errors';
import { baseOf } from '../session/address';
import type { Runtime } from '../session/runtime';
import { userName } from '../session/app-functions';
import { spelled } from './confirmed';
import { askAgain, findAccess } from './fresh-login';
import { formError, iso, type PageContext } from './page-context';

export const codesUrl = (runtime: Runtime, req: Request): string =>
  `${baseOf(runtime, req)}/security/backup-codes`;

/** Shows the set that waits to be acknowledged, or how many of the one in force are left. */
export function createBackupCodesView(context: PageContext) {
  const { runtime, respond } = context;

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const found = await findAccess(context, req, res, scope);
    if (!found) return;
    const pending = await pendingCodes(scope, found.access);
    if (pending?.ok === false)
      return askAgain(context, req, res, pending, codesUrl(runtime, req), 'setup_closed');
    const codes = spelled(pending?.codes ?? null);
    const inForce = countBackupCodes(found.account);
    if (respond.wantsJson(req)) {
      const count = inForce ?? { left: 0, total: 0, createdAt: null };
      return respond.json(req, res, { ...count, createdAt: iso(count.createdAt), pending: codes });
    }
    respond.page(
      req,
      res,
      'backup-codes',
      {
        codes,
        account: userName(runtime, found.loginState.seam.userOf(req), found.account.userId),
        createdAt: pending?.setup.startedAt ?? inForce?.createdAt ?? runtime.now(),
        first: pending?.proof !== null && pending !== null,
        type: pending === null || pending.setup.kind === 'backup-codes' ? null : pending.setup.kind,
        acknowledgeUrl: `${codesUrl(runtime, req)}/acknowledge`,
        downloadUrl: `${codesUrl(runtime, req)}/download`,
        cancelUrl: `${codesUrl(runtime, req)}/cancel`,
        inForce,
        renewUrl: codesUrl(runtime, req),
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }

  return show;
}
