import type { Request, Response, Router } from 'express';
import { countBackupCodes } from '../account/backup-codes';
import { acknowledgeCodes, type Acknowledged } from '../core/acknowledge';
import { awaitingCodes, pendingCodes, renewCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { cancelSetup } from '../core/setup';
import { refuse, type Refusal } from '../errors';
import { baseOf } from '../session/address';
import { renewLogin } from '../session/renew';
import { userName } from '../session/app-functions';
import { codesUrl, createBackupCodesView } from './backup-codes-view';
import { codesFile, codesFileName } from './codes-file';
import { spelled } from './confirmed';
import { askAgain, findAccess, isTooOld, settingUp } from './fresh-login';
import { completeLogin, type Complete } from './guard';
import { field } from './input';
import { handler, iso, type PageContext } from './page-context';

/** Backup codes: shown until one of them is typed, made anew, never shown again. */
export function backupCodePages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer, proving } = context;
  const show = createBackupCodesView(context);
  const path = '/security/backup-codes';
  const baseUrl = (req: Request): string => codesUrl(runtime, req);

  router.get(
    path,
    handler(context, (req, res, scope) => show(req, res, scope, null)),
  );

  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const found = await settingUp(context, req, res, scope, 'backup-codes', baseUrl(req));
      if (!found) return;
      const renewed = await renewCodes(scope, found.access);
      if (!renewed.ok) return refused(req, res, scope, renewed);
      if (!respond.wantsJson(req)) return res.redirect(303, baseUrl(req));
      respond.json(req, res, { backupCodes: spelled(renewed.codes) }, 201);
    }),
  );

  router.post(
    `${path}/acknowledge`,
    handler(context, async (req, res, scope) => {
      const found = await findAccess(context, req, res, scope);
      if (!found) return;
      const tokens = proving.tokensOf(req);
      const done = await acknowledgeCodes(scope, found.access, field(req, 'code'), tokens);
      if (!done.ok) return refused(req, res, scope, done);
      proving.keepTokens(res, done);
      await raise(req, found.loginState, done);
      if (respond.wantsJson(req)) return respond.json(req, res, { enabled: true, ...countJson(done) });
      const notice = done.proof ? 'enabled' : 'codes_renewed';
      res.redirect(303, `${baseOf(runtime, req)}/security?done=${notice}`);
    }),
  );

  router.post(
    `${path}/download`,
    handler(context, async (req, res, scope) => {
      const found = await findAccess(context, req, res, scope);
      if (!found) return;
      const pending = (await pendingCodes(scope, found.access)) ?? refuse('conflict');
      if (!pending.ok) return refused(req, res, scope, pending);
      const user = nameOf(req, found.loginState);
      const lang = renderer.languageOf(req);
      const date = renderer.date(lang, pending.setup.startedAt);
      const heading = [
        renderer.text(lang, 'codes.file.title', { app: runtime.options.appName }),
        renderer.text(lang, 'codes.file.account', { account: user }),
        renderer.text(lang, 'codes.file.made', { date }),
        renderer.text(lang, 'codes.file.use'),
      ];
      const text = codesFile(heading, spelled(pending.codes) ?? []);
      const name = codesFileName(runtime.options.appName, user, pending.setup.startedAt);
      res.attachment(name).type('text/plain; charset=utf-8').send(text);
    }),
  );

  router.post(
    `${path}/cancel`,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const kind = await awaitingCodes(scope, found.loginState.login, found.account);
      await cancelSetup(scope, found.loginState.login, kind ?? 'backup-codes');
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled' });
      res.redirect(303, `${baseOf(runtime, req)}/security?done=setup_cancelled`);
    }),
  );

  /** The codes moved the epoch: every other login is over, this one goes on under a new id. */
  const raise = (req: Request, loginState: Complete, { account, proof }: Acknowledged): Promise<void> =>
    renewLogin(runtime, req, loginState, account, proof);

  async function refused(req: Request, res: Response, scope: Scope, refusal: Refusal): Promise<void> {
    if (isTooOld(refusal)) return askAgain(context, req, res, refusal, baseUrl(req), 'setup_closed');
    const canMend = refusal.code === 'wrong_code' || refusal.code === 'malformed';
    if (!respond.wantsJson(req) && canMend) return show(req, res, scope, refusal);
    respond.refuse(
      req,
      res,
      refusal.code === 'conflict' ? refuse('conflict', { url: baseUrl(req) }) : refusal,
      ['acknowledge', 'backup-code'],
    );
  }

  const nameOf = (req: Request, { login, seam }: Complete): string =>
    userName(runtime, seam.userOf(req), login.userId);
}

function countJson({ account }: Acknowledged) {
  const count = countBackupCodes(account);
  return { backupCodes: count && { ...count, createdAt: iso(count.createdAt) } };
}
