import type { Request, Response, Router } from 'express';
import { countBackupCodes } from '../account/backup-codes';
import { acknowledgeCodes, type Acknowledged } from '../core/acknowledge';
import { awaitingCodes, pendingCodes, renewCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { cancelSetup } from '../core/setup';
import { type Refusal, refuse } from '../errors';
import { spellCode } from '../factors/code-text';
import { appUrl, baseOf } from '../session/address';
import { timeZoneOf, userName } from '../session/app-functions';
import { field } from '../session/body';
import { leave } from '../session/enter';
import type { Complete } from '../session/login-state';
import { renewLogin } from '../session/renew';
import type { Runtime } from '../session/runtime';
import { answerCancelled } from './enrol';
import { askAgain, findSettingUp, isTooOld, settingUp, type SettingUp } from './fresh-login';
import { BYTE_ORDER_MARK, datedFileName, fileName } from './file-name';
import { leaveNotice } from './notice';
import { formError, handler, iso, type PageContext } from './page-context';

/** Backup codes: shown until one of them is typed and then never again; making new ones. */
export function backupCodePages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;
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
      respond.json(req, res, { backupCodes: renewed.codes.map(spellCode) }, 201);
    }),
  );

  router.post(
    `${path}/acknowledge`,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const tokens = runtime.browser.tokensOf(req);
      const done = await acknowledgeCodes(scope, found.access, field(req, 'code'), tokens);
      if (!done.ok) return refused(req, res, scope, done);
      runtime.browser.keepTokens(res, done);
      const { login, complete } = found;
      if (!complete) return letIn(req, res);
      await raise(req, complete, done);
      if (respond.wantsJson(req)) return respond.json(req, res, { enabled: true, ...countJson(done) });
      leaveNotice(req, login, done.proof ? 'enabled' : 'codes_renewed');
      res.redirect(303, `${baseOf(runtime, req)}/security`);
    }),
  );

  router.post(
    `${path}/download`,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const pending = (await pendingCodes(scope, found.access)) ?? refuse('conflict');
      if (!pending.ok) return refused(req, res, scope, pending);
      const user = nameOf(found);
      const lang = renderer.languageOf(req);
      const date = renderer.date({ lang, timeZone: timeZoneOf(runtime, req) }, pending.setup.startedAt);
      const heading = [
        renderer.text(lang, 'codes.file.title', { app: runtime.options.appName }),
        runtime.options.origin.origin,
        renderer.text(lang, 'codes.file.account', { account: user }),
        renderer.text(lang, 'codes.file.made', { date }),
        renderer.text(lang, 'codes.file.use'),
      ];
      const text = codesFile(heading, pending.codes.map(spellCode));
      const name = datedFileName(
        [runtime.options.appName, 'backup codes', user],
        pending.setup.startedAt,
        'txt',
      );
      res.attachment(name).type('text/plain; charset=utf-8').send(text);
    }),
  );

  router.post(
    `${path}/cancel`,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const kind = await awaitingCodes(scope, found.login, found.account);
      await cancelSetup(scope, found.login, kind ?? 'backup-codes');
      answerCancelled(context, req, res, found);
    }),
  );

  /** The codes moved the epoch on: every other login is over, this one continues under a new id. */
  const raise = (req: Request, loginState: Complete, { account, proof }: Acknowledged): Promise<void> =>
    renewLogin(runtime, req, loginState, account, proof);

  /** Access is given again, and with that its login is over: what was set up is proven by signing in with it. */
  async function letIn(req: Request, res: Response): Promise<void> {
    await leave(runtime, req);
    const url = appUrl(runtime, req, runtime.options.loginUrl);
    if (respond.wantsJson(req)) return respond.json(req, res, { status: 'completed', url });
    respond.message(req, res, { code: 'access_again', next: { href: url, text: 'sign-in' } });
  }

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

  const nameOf = ({ user, account }: SettingUp): string => userName(runtime, user, account.userId);
}

function countJson({ account }: Acknowledged) {
  const count = countBackupCodes(account);
  return { backupCodes: count && { ...count, createdAt: iso(count.createdAt) } };
}

const codesUrl = (runtime: Runtime, req: Request): string => `${baseOf(runtime, req)}/security/backup-codes`;

/** Shows the set waiting to be acknowledged, or how many codes of the one in force are left. */
function createBackupCodesView(context: PageContext) {
  const { runtime, respond } = context;

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const found = await findSettingUp(context, req, res, scope);
    if (!found) return;
    const pending = await pendingCodes(scope, found.access);
    if (pending?.ok === false)
      return askAgain(context, req, res, pending, codesUrl(runtime, req), 'setup_closed');
    const codes = pending && pending.codes.map(spellCode);
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
        site: runtime.options.origin.origin,
        account: userName(runtime, found.user, found.account.userId),
        createdAt: pending?.setup.startedAt ?? inForce?.createdAt ?? runtime.now(),
        first: pending?.proof !== null && pending !== null,
        regains: found.complete === null,
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

// Notepad needs CRLF to show lines.
const NEWLINE = '\r\n';

/** The codes as a text file: what they are for, then one per line. */
const codesFile = (heading: readonly string[], codes: readonly string[]): string =>
  BYTE_ORDER_MARK + [...heading, '', ...codes, ''].join(NEWLINE);

/** What people look for who have lost everything else. */
export const anyCodesFile = (appName: string): string => `${fileName(appName, 'backup codes')}-….txt`;
