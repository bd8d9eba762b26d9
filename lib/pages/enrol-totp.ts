import type { Request, Response, Router } from 'express';
import { beginTotp, confirmTotp, readTotp, type TotpSetup } from '../core/enrol-totp';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { refuse, type Refusal } from '../errors';
import { baseOf } from '../session/address';
import { cancelPage } from './cancel-setup';
import { answerConfirmed, answerUnconfirmed } from './confirmed';
import { isFromElsewhere } from './csrf';
import { createTotpView, totpUrl } from './enrol-totp-view';
import { askAgain, findAccess, isTooOld, type Found } from './fresh-login';
import { field } from './input';
import { handler, type PageContext } from './page-context';

/** Setting up an authenticator app: shown by GET, confirmed by its first code. */
export function enrolTotpPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer, proving } = context;
  const show = createTotpView(context);
  const path = '/security/totp';
  const pageUrl = (req: Request): string => totpUrl(runtime, req);

  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await findAccess(context, req, res, scope);
      if (!found) return;
      const begun = await readTotp(scope, found.access);
      if (begun) return answer(req, res, scope, found, begun);
      if (isFromElsewhere(req) && !found.access.refusal(scope)) return offerToBegin(req, res);
      await answer(req, res, scope, found, await beginTotp(scope, found.access));
    }),
  );

  router.post(
    `${path}/begin`,
    handler(context, async (req, res, scope) => {
      const found = await findAccess(context, req, res, scope);
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
      const found = await findAccess(context, req, res, scope);
      if (!found) return;
      const defaultLabel = renderer.text(renderer.languageOf(req), 'type.totp');
      const input = { code: field(req, 'code'), label: field(req, 'label'), defaultLabel };
      const confirmed = await confirmTotp(scope, found.access, input, proving.tokensOf(req));
      if (!confirmed.ok) return unconfirmed(req, res, scope, found, confirmed);
      await answerConfirmed(context, req, res, found.loginState, confirmed);
    }),
  );

  cancelPage(router, context, 'totp');

  const unconfirmed = (
    req: Request,
    res: Response,
    scope: Scope,
    found: Found,
    refusal: Refusal,
  ): Promise<void> =>
    answerUnconfirmed(context, req, res, 'totp', refusal, async () => {
      // What was not begun, or is over, is not begun by a form that was refused.
      const none = found.access.refusal(scope) ?? refuse('conflict', { reason: 'setup_expired' });
      const begun = (await readTotp(scope, found.access)) ?? none;
      if (begun.ok) return show(req, res, scope, found, begun, refusal);
      await (begun === none
        ? unconfirmed(req, res, scope, found, none)
        : answer(req, res, scope, found, begun));
    });

  /** The name for the entry in the app will not do: its form is on the page of the set-up, which goes on. */
  async function misnamed(
    req: Request,
    res: Response,
    scope: Scope,
    found: Found,
    refusal: Refusal,
  ): Promise<void> {
    const begun = respond.wantsJson(req) ? null : await readTotp(scope, found.access);
    if (begun?.ok) return show(req, res, scope, found, begun, { ...refusal, field: 'entry' });
    respond.refuse(req, res, refusal);
  }

  /** A link of another site, or a mail, is not to begin what its reader did not ask for. */
  function offerToBegin(req: Request, res: Response): void {
    const next = { href: `${pageUrl(req)}/begin`, text: 'continue', post: true } as const;
    respond.message(req, res, { code: 'begin_totp', next });
  }

  async function answer(
    req: Request,
    res: Response,
    scope: Scope,
    found: Found,
    setup: TotpSetup | Refusal,
  ): Promise<void> {
    if (setup.ok) return show(req, res, scope, found, setup, null);
    if (isTooOld(setup)) return askAgain(context, req, res, setup, pageUrl(req));
    const unfinished = await awaitingCodes(scope, found.loginState.login, found.account);
    const base = `${baseOf(runtime, req)}/security`;
    const url = unfinished ? `${base}/backup-codes` : base;
    respond.leadOn(req, res, url);
  }
}
