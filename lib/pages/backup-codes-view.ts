import type { Request, Response } from 'express';
import { countBackupCodes } from '../account/backup-codes';
import { pendingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import type { Refusal } from '../errors';
import { baseOf } from '../session/address';
import type { Host } from '../session/host';
import { userName } from '../session/app-functions';
import { spelled } from './confirmed';
import { askAgain, findAccess } from './fresh-login';
import { formError, iso, type Parts } from './parts';

export const codesUrl = (host: Host, req: Request): string => `${baseOf(host, req)}/security/backup-codes`;

/** Shows the set that waits to be acknowledged, or how many of the one in force are left. */
export function createBackupCodesView(parts: Parts) {
  const { host, respond } = parts;

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const found = await findAccess(parts, req, res, scope);
    if (!found) return;
    const pending = await pendingCodes(scope, found.access);
    if (pending?.ok === false) return askAgain(parts, req, res, pending, codesUrl(host, req), 'setup_closed');
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
        account: userName(host, found.loginState.seam.userOf(req), found.account.userId),
        createdAt: pending?.setup.startedAt ?? inForce?.createdAt ?? host.now(),
        first: pending?.proof !== null && pending !== null,
        type: pending === null || pending.setup.kind === 'backup-codes' ? null : pending.setup.kind,
        acknowledgeUrl: `${codesUrl(host, req)}/acknowledge`,
        downloadUrl: `${codesUrl(host, req)}/download`,
        cancelUrl: `${codesUrl(host, req)}/cancel`,
        inForce,
        renewUrl: codesUrl(host, req),
        error: refusal && formError(refusal, host.now()),
      },
      refusal ? 422 : 200,
    );
  }

  return show;
}
