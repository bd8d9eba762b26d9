import type { Request, Response, Router } from 'express';
import { toBase32 } from '../crypto/base32';
import { beginTotp, confirmTotp, readTotp, type TotpSetup } from '../core/enrol-totp';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { refuse, type Refusal } from '../errors';
import { otpauthUrl } from '../factors/totp';
import { baseOf } from '../session/address';
import { cancelPage } from './cancel-setup';
import { answerConfirmed, answerUnconfirmed } from './confirmed';
import { isFromElsewhere } from './csrf';
import { askAgain, findAccess, isTooOld, type Found } from './fresh-login';
import { field } from './input';
import { formError, handler, type Parts } from './parts';
import { qrSvg } from './qr';

/** Setting up an authenticator app: shown by GET, confirmed by its first code. */
export function enrolTotpPages(router: Router, parts: Parts): void {
  const { host, respond, renderer, proving } = parts;
  const path = '/security/totp';
  const pageUrl = (req: Request): string => `${baseOf(host, req)}${path}`;

  router.get(
    path,
    handler(parts, async (req, res, scope) => {
      const found = await findAccess(parts, req, res, scope);
      if (!found) return;
      const begun = await readTotp(scope, found.access);
      if (begun) return answer(req, res, scope, found, begun);
      if (isFromElsewhere(req) && !found.access.refusal(scope)) return offerToBegin(req, res);
      await answer(req, res, scope, found, await beginTotp(scope, found.access));
    }),
  );

  router.post(
    `${path}/begin`,
    handler(parts, async (req, res, scope) => {
      const found = await findAccess(parts, req, res, scope);
      if (!found) return;
      const begun = await beginTotp(scope, found.access);
      if (begun.ok && !respond.wantsJson(req)) return res.redirect(303, pageUrl(req));
      await answer(req, res, scope, found, begun);
    }),
  );

  router.post(
    path,
    handler(parts, async (req, res, scope) => {
      const found = await findAccess(parts, req, res, scope);
      if (!found) return;
      const confirmed = await confirmTotp(
        scope,
        found.access,
        { code: field(req, 'code'), label: field(req, 'label'), defaultLabel: defaultLabel(req) },
        proving.tokensOf(req),
      );
      if (!confirmed.ok) return unconfirmed(req, res, scope, found, confirmed);
      await answerConfirmed(parts, req, res, found.standing, confirmed);
    }),
  );

  cancelPage(router, parts, 'totp');

  const unconfirmed = (
    req: Request,
    res: Response,
    scope: Scope,
    found: Found,
    refusal: Refusal,
  ): Promise<void> =>
    answerUnconfirmed(parts, req, res, 'totp', refusal, async () => {
      // What was not begun, or is over, is not begun by a form that was refused.
      const none = found.access.refusal(scope) ?? refuse('conflict', { reason: 'setup_expired' });
      const begun = (await readTotp(scope, found.access)) ?? none;
      if (begun.ok) return show(req, res, found, begun, refusal);
      await (begun === none
        ? unconfirmed(req, res, scope, found, none)
        : answer(req, res, scope, found, begun));
    });

  /** A link of another site, or a mail, is not to begin what its reader did not ask for. */
  function offerToBegin(req: Request, res: Response): void {
    const next = { href: `${pageUrl(req)}/begin`, text: 'continue', post: true } as const;
    respond.page(req, res, 'message', { code: 'begin_totp', next, until: null, ways: [] });
  }

  async function answer(
    req: Request,
    res: Response,
    scope: Scope,
    found: Found,
    setup: TotpSetup | Refusal,
  ): Promise<void> {
    if (setup.ok) return show(req, res, found, setup, null);
    if (isTooOld(setup)) return askAgain(parts, req, res, setup, pageUrl(req));
    const unfinished = await awaitingCodes(scope, found.standing.login, found.account);
    const base = `${baseOf(host, req)}/security`;
    const url = unfinished ? `${base}/backup-codes` : base;
    if (respond.wantsJson(req)) return respond.refuse(req, res, refuse('conflict', { url }));
    res.redirect(303, url);
  }

  async function show(
    req: Request,
    res: Response,
    { standing }: Found,
    setup: TotpSetup,
    refusal: Refusal | null,
  ): Promise<void> {
    const name = host.options.users.name(standing.seam.userOf(req));
    const address = otpauthUrl(host.options.appName, name, setup.secret);
    const secret = toBase32(setup.secret);
    if (respond.wantsJson(req)) return respond.json(req, res, { otpauthUrl: address, secret });
    const lang = renderer.languageOf(req);
    const label = field(req, 'label');
    respond.page(
      req,
      res,
      'enrol-totp',
      {
        qr: await qrSvg(address, renderer.text(lang, 'enrol.totp.qr')),
        secret: secret.replace(/(.{4})(?=.)/g, '$1 '),
        otpauthUrl: address,
        issuer: host.options.appName,
        account: name,
        label: typeof label === 'string' ? label : '',
        action: pageUrl(req),
        cancelUrl: `${pageUrl(req)}/cancel`,
        first: setup.first,
        error: refusal && formError(refusal, host.now()),
      },
      refusal ? 422 : 200,
    );
  }

  const defaultLabel = (req: Request): string => renderer.text(renderer.languageOf(req), 'type.totp');
}
