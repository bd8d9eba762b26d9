import type { Request, Response, Router } from 'express';
import type { CodeType } from '../account/account';
import { owesFactor } from '../account/factors';
import { refuseContact } from '../core/contact-hold';
import { confirmCode, phoneToOffer, sendEnrolCode, sentEnrolCode } from '../core/enrol-code';
import { refuseFull } from '../core/offer';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { meantDomain } from '../delivery/mail-domain';
import { type Refusal, refuse } from '../errors';
import { baseOf } from '../session/address';
import { field } from '../session/body';
import { answerConfirmed, answerUnconfirmed, cancelPage } from './enrol';
import { askAgain, findSettingUp, isTooOld, settingUp, setUpsUrl } from './fresh-login';
import { formError, formStatus, handler, type PageContext } from './page-context';
import { sendRequest, sentJson, viewOf } from './sending';
import { typedBefore, withTyped } from './typed';

/** Adding a phone or a mailbox: an address, then the code that was sent to it. */
export function enrolCodePages(router: Router, context: PageContext, type: CodeType): void {
  const { runtime, respond, renderer } = context;
  const path = `/security/${type}`;
  const pageUrl = (req: Request): string => `${baseOf(runtime, req)}${path}`;

  router.get(
    path,
    handler(context, (req, res, scope) => show(req, res, scope, null)),
  );

  router.post(
    `${path}/send`,
    handler(context, async (req, res, scope) => {
      const page = withTyped(runtime, req, pageUrl(req), field(req, 'address'));
      const found = await settingUp(context, req, res, scope, type, page);
      if (!found) return;
      const { login } = found;
      // The address is proven and only waits for a backup code: another code could confirm nothing.
      if (await awaitingCodes(scope, login, found.account)) {
        return respond.refuse(
          req,
          res,
          refuse('conflict', { url: `${baseOf(runtime, req)}/security/backup-codes` }),
        );
      }
      const request = sendRequest(context, req, login);
      const sent = await sendEnrolCode(scope, request, found.access, type, field(req, 'address'));
      if (!sent.ok) return refusedSending(req, res, scope, sent);
      if (respond.wantsJson(req)) return respond.json(req, res, sentJson(sent));
      res.redirect(303, pageUrl(req));
    }),
  );

  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      const { access } = found;
      const defaultLabel = renderer.text(renderer.languageOf(req), `type.${type}`);
      const input = { code: field(req, 'code'), label: field(req, 'label'), defaultLabel };
      const confirmed = await confirmCode(scope, access, type, input, runtime.browser.tokensOf(req));
      if (!confirmed.ok) {
        return answerUnconfirmed(context, req, res, type, confirmed, () => show(req, res, scope, confirmed));
      }
      await answerConfirmed(context, req, res, found, confirmed);
    }),
  );

  cancelPage(router, context, type);

  async function refusedSending(req: Request, res: Response, scope: Scope, refusal: Refusal): Promise<void> {
    if (isTooOld(refusal))
      return askAgain(
        context,
        req,
        res,
        refusal,
        withTyped(runtime, req, pageUrl(req), field(req, 'address')),
      );
    const isOnPage = !['conflict', 'not_found', 'limit_reached'].includes(refusal.code);
    if (respond.wantsJson(req) || !isOnPage) return respond.refuse(req, res, refusal);
    if (refusal.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    await show(req, res, scope, { field: 'address', ...refusal });
  }

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const base = `${baseOf(runtime, req)}/security`;
    if (!scope.delivery.isOn(type)) return respond.refuse(req, res, refuse('not_found'));
    const found = await settingUp(context, req, res, scope, type, pageUrl(req));
    if (!found) return;
    const { login, account, access } = found;
    if (await awaitingCodes(scope, login, account)) {
      return respond.leadOn(req, res, `${base}/backup-codes`);
    }
    const full = refuseContact(scope, account, type) ?? refuseFull(scope, account, type);
    if (full) return respond.refuse(req, res, { ...full, url: setUpsUrl(context, req) });
    const sent = await sentEnrolCode(scope, access, type);
    if (respond.wantsJson(req)) return respond.json(req, res, { sent: sent && sentJson(sent) });
    const typed = field(req, 'address') ?? typedBefore(runtime, req);
    const known = sent?.address ?? (type === 'otp-sms' ? await phoneToOffer(scope, access) : null);
    respond.page(
      req,
      res,
      'enrol-code',
      {
        type,
        address: typeof typed === 'string' ? typed.slice(0, 320) : (known ?? ''),
        sent: sent && viewOf(sent, runtime.now()),
        sentTo: sent && sent.address,
        meant: sent && type === 'otp-email' ? meantAddress(sent.address) : null,
        sendUrl: `${base}/${type}/send`,
        action: `${base}/${type}`,
        cancelUrl: `${base}/${type}/cancel`,
        first: !owesFactor(account),
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? formStatus(refusal) : 200,
    );
  }
}

function meantAddress(address: string): string | null {
  const at = address.lastIndexOf('@') + 1;
  const domain = meantDomain(address.slice(at));
  return domain && address.slice(0, at) + domain;
}
