import type { Request, Response, Router } from 'express';
import { owesFactor } from '../account/factors';
import { beginKey, confirmKey } from '../core/enrol-key';
import { isOn, refuseFull } from '../core/offer';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { type Refusal, refuse } from '../errors';
import type { KeyName } from '../factors/key-name';
import { browserOf } from '../session/browser-name';
import { baseOf } from '../session/address';
import { userName } from '../session/app-functions';
import { field } from '../session/body';
import { answerConfirmed, answerUnconfirmed, cancelPage } from './enrol';
import { askAgain, findSettingUp, isTooOld, settingUp, setUpsUrl } from './fresh-login';
import { usableKeyViews } from './key-view';
import { formError, handler, type PageContext } from './page-context';

const path = '/security/webauthn';

/** Adding a security key or passkey: the script requests the options and posts the browser's answer. */
export function enrolKeyPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;
  const pageUrl = (req: Request): string => `${baseOf(runtime, req)}${path}`;

  router.get(
    path,
    handler(context, (req, res, scope) => show(req, res, scope, null)),
  );

  router.post(
    `${path}/options`,
    handler(context, async (req, res, scope) => {
      const found = await settingUp(context, req, res, scope, 'webauthn', pageUrl(req));
      if (!found) return;
      const { login, user, account, access } = found;
      const name = userName(runtime, user, account.userId);
      const wanted = await beginKey(scope, access, name);
      if (wanted.ok) return respond.json(req, res, wanted.options);
      if (isTooOld(wanted)) return askAgain(context, req, res, wanted, pageUrl(req));
      if (wanted.code !== 'conflict') return respond.refuse(req, res, wanted);
      const unfinished = await awaitingCodes(scope, login, account);
      const url = unfinished ? `${baseOf(runtime, req)}/security/backup-codes` : setUpsUrl(context, req);
      respond.refuse(req, res, { ...wanted, url });
    }),
  );

  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const { access } = found;
      const input = { response: field(req, 'response'), label: field(req, 'label'), nameOf: nameIn(req) };
      const confirmed = await confirmKey(scope, access, input, runtime.browser.tokensOf(req));
      if (!confirmed.ok) {
        return answerUnconfirmed(context, req, res, 'webauthn', confirmed, () =>
          show(req, res, scope, confirmed),
        );
      }
      await answerConfirmed(context, req, res, found, confirmed);
    }),
  );

  cancelPage(router, context, 'webauthn');

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    if (!isOn(scope, 'webauthn')) return respond.refuse(req, res, refuse('not_found'));
    const found = await settingUp(context, req, res, scope, 'webauthn', pageUrl(req));
    if (!found) return;
    const { login, account } = found;
    const base = `${baseOf(runtime, req)}/security`;
    if (await awaitingCodes(scope, login, account)) {
      return respond.leadOn(req, res, `${base}/backup-codes`);
    }
    const full = refuseFull(scope, account, 'webauthn');
    if (full) return respond.refuse(req, res, { ...full, url: setUpsUrl(context, req) });
    const added = usableKeyViews(scope, account);
    if (respond.wantsJson(req))
      return respond.json(req, res, { keys: added.map(({ id, label }) => ({ id, label })) });
    respond.page(
      req,
      res,
      'enrol-key',
      {
        optionsUrl: `${base}/webauthn/options`,
        action: `${base}/webauthn`,
        cancelUrl: `${base}/webauthn/cancel`,
        added,
        passkeys: scope.settings.keys?.passkeys ?? false,
        first: !owesFactor(account),
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }

  /** Its model, or where it was added: two that nobody named are to be told apart. */
  const nameIn =
    (req: Request) =>
    (name: KeyName): string => {
      if ('model' in name) return name.model;
      const lang = renderer.languageOf(req);
      const seen = browserOf(req.headers['user-agent'] ?? '');
      const where = seen && renderer.text(lang, 'browser.name', { ...seen });
      if (name.place !== 'portable') return where ?? renderer.text(lang, 'type.webauthn');
      const what = renderer.text(lang, 'enrol.webauthn.name.portable');
      return where ? `${what} (${where})` : what;
    };
}
