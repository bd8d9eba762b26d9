import type { Request, Response, Router } from 'express';
import { entriesOf } from '../account/factors';
import { beginTotp, confirmTotp, readTotp, type TotpSetup } from '../core/enrol-totp';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { toBase32 } from '../crypto/base32';
import { type Refusal, refuse } from '../errors';
import { entryName, otpauthUrl } from '../factors/totp';
import { baseOf } from '../session/address';
import { userName } from '../session/app-functions';
import { field, textIn } from '../session/body';
import type { Runtime } from '../session/runtime';
import { isFromElsewhere } from './csrf';
import { answerConfirmed, answerUnconfirmed, cancelPage } from './enrol';
import { askAgain, findSettingUp, isTooOld, setUpsUrl, type SettingUp } from './fresh-login';
import { formError, handler, type PageContext } from './page-context';
import { qrSvg } from './qr';
import { typedBefore, withTyped } from './typed';

/** Setting up an authenticator app: shown by GET, confirmed by its first code. */
export function enrolTotpPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;
  const show = createTotpView(context);
  const path = '/security/totp';
  const pageUrl = (req: Request): string => totpUrl(runtime, req);

  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const begun = await readTotp(scope, found.access);
      if (begun) return answer(req, res, scope, found, begun);
      if (isFromElsewhere(req) && !found.access.refusalToSetUp(scope)) return offerToBegin(req, res);
      await answer(req, res, scope, found, await beginTotp(scope, found.access));
    }),
  );

  router.post(
    `${path}/begin`,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const begun = await beginTotp(scope, found.access, field(req, 'label'));
      if (begun.ok && !respond.wantsJson(req)) return res.redirect(303, pageUrl(req));
      if (!begun.ok && begun.field === 'label') return misnamed(req, res, scope, found, begun);
      await answer(req, res, scope, found, begun);
    }),
  );

  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const defaultLabel = renderer.text(renderer.languageOf(req), 'type.totp');
      const input = { code: field(req, 'code'), label: field(req, 'label'), defaultLabel };
      const confirmed = await confirmTotp(scope, found.access, input, runtime.browser.tokensOf(req));
      if (!confirmed.ok) return unconfirmed(req, res, scope, found, confirmed);
      await answerConfirmed(context, req, res, found, confirmed);
    }),
  );

  cancelPage(router, context, 'totp');

  const unconfirmed = (
    req: Request,
    res: Response,
    scope: Scope,
    found: SettingUp,
    refusal: Refusal,
  ): Promise<void> =>
    answerUnconfirmed(context, req, res, 'totp', refusal, async () => {
      // A refused form does not begin a set-up that was not begun, or is over.
      const none = found.access.refusalToSetUp(scope) ?? refuse('conflict', { reason: 'setup_expired' });
      const begun = (await readTotp(scope, found.access)) ?? none;
      if (begun.ok) return show(req, res, scope, found, begun, refusal);
      await (begun === none
        ? unconfirmed(req, res, scope, found, none)
        : answer(req, res, scope, found, begun));
    });

  /** The name for the entry in the app is refused: its form is on the page of the set-up, which continues. */
  async function misnamed(
    req: Request,
    res: Response,
    scope: Scope,
    found: SettingUp,
    refusal: Refusal,
  ): Promise<void> {
    const begun = respond.wantsJson(req) ? null : await readTotp(scope, found.access);
    if (begun?.ok) return show(req, res, scope, found, begun, { ...refusal, field: 'entry' });
    respond.refuse(req, res, refusal);
  }

  /** A link on another site or in an e-mail must not begin what its reader did not ask for. */
  function offerToBegin(req: Request, res: Response): void {
    const next = { href: `${pageUrl(req)}/begin`, text: 'continue', post: true } as const;
    respond.message(req, res, { code: 'begin_totp', next });
  }

  async function answer(
    req: Request,
    res: Response,
    scope: Scope,
    found: SettingUp,
    setup: TotpSetup | Refusal,
  ): Promise<void> {
    if (setup.ok) return show(req, res, scope, found, setup, null);
    if (isTooOld(setup))
      return askAgain(context, req, res, setup, withTyped(runtime, req, pageUrl(req), field(req, 'label')));
    const back = setUpsUrl(context, req);
    if (setup.code === 'limit_reached' || setup.code === 'changes_held')
      return respond.refuse(req, res, { ...setup, url: back });
    const unfinished = await awaitingCodes(scope, found.login, found.account);
    const url = unfinished ? `${baseOf(runtime, req)}/security/backup-codes` : back;
    respond.leadOn(req, res, url);
  }
}

const totpUrl = (runtime: Runtime, req: Request): string => `${baseOf(runtime, req)}/security/totp`;

/** Shows what to enter in the app; after a refusal, with the error beside its field. */
function createTotpView({ runtime, respond, renderer }: PageContext) {
  async function show(
    req: Request,
    res: Response,
    scope: Scope,
    { user: owner, account, access }: SettingUp,
    setup: TotpSetup,
    refusal: Refusal | null,
  ): Promise<void> {
    const user = userName(runtime, owner, account.userId);
    const name = entryName(user, setup.entry);
    const address = otpauthUrl(runtime.options.appName, name, setup.secret);
    const secret = toBase32(setup.secret);
    if (respond.wantsJson(req)) return respond.json(req, res, { otpauthUrl: address, secret });
    const lang = renderer.languageOf(req);
    const typed = refusal?.field === 'entry' ? textIn(req, 'label').slice(0, 200) : '';
    respond.page(
      req,
      res,
      'enrol-totp',
      {
        qr: await qrSvg(address, renderer.text(lang, 'enrol.totp.qr')),
        secret: secret.replace(/(.{4})(?=.)/g, '$1 '),
        otpauthUrl: address,
        issuer: runtime.options.appName,
        account: name,
        existing: entriesOf(account).map((entry) => entryName(user, entry)),
        // An entry of before is to be replaced.
        naming:
          access.regains !== null || access.refusalToSetUp(scope)
            ? null
            : {
                beginUrl: `${totpUrl(runtime, req)}/begin`,
                typed: typed || (typedBefore(runtime, req) ?? ''),
              },
        action: totpUrl(runtime, req),
        cancelUrl: `${totpUrl(runtime, req)}/cancel`,
        first: setup.first,
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }

  return show;
}
