import type { Request, Response, Router } from 'express';
import { toBase32 } from '../crypto/base32';
import { pendingCodes } from '../core/acknowledge';
import { readSetup } from '../core/setup';
import { beginTotp, confirmTotp } from '../core/enrol-totp';
import type { Scope } from '../core/scope';
import { refuse, type Refusal } from '../errors';
import { otpauthUrl } from '../factors/totp';
import { baseOf } from '../session/address';
import { cancelPage } from './cancel-setup';
import { answerConfirmed, answerUnconfirmed } from './confirmed';
import { completeLogin, freshLogin, type Complete } from './guard';
import { field } from './input';
import { formError, handler, type Parts } from './parts';
import { qrSvg } from './qr';

/** Setting up an authenticator app: shown by GET, confirmed by its first code. */
export function enrolTotpPages(router: Router, parts: Parts): void {
  const { host, respond, renderer, proving } = parts;
  const path = '/security/totp';

  router.get(
    path,
    handler(parts, (req, res, scope) => show(req, res, scope, null)),
  );

  router.post(
    path,
    handler(parts, async (req, res, scope) => {
      const found = await completeLogin(parts, req, res, scope);
      if (!found) return;
      const confirmed = await confirmTotp(
        scope,
        found.standing.login,
        { code: field(req, 'code'), label: field(req, 'label'), defaultLabel: defaultLabel(req) },
        proving.tokensOf(req),
      );
      if (!confirmed.ok) {
        return answerUnconfirmed(parts, req, res, confirmed, () => show(req, res, scope, confirmed));
      }
      await answerConfirmed(parts, req, res, found.standing, confirmed);
    }),
  );

  cancelPage(router, parts, 'totp');

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const base = `${baseOf(host, req)}/security`;
    // Fresh proof is asked where the set-up starts; a wrong code in the middle of it asks for nothing more.
    const found = refusal
      ? await completeLogin(parts, req, res, scope)
      : await freshLogin(parts, req, res, scope, `${base}/totp`);
    if (!found) return;
    // A form that was posted with none begun must not begin it.
    const isBegun =
      !refusal || (await readSetup(scope, found.standing.login, found.account, 'totp')) !== null;
    if (!isBegun && !(await freshLogin(parts, req, res, scope, `${base}/totp`))) return;
    const setup = await beginTotp(scope, found.standing.login, found.account);
    if (!setup.ok) {
      const unfinished = await pendingCodes(scope, found.standing.login, found.account);
      const url = unfinished ? `${base}/backup-codes` : base;
      if (respond.wantsJson(req)) return respond.refuse(req, res, refuse('conflict', { url }));
      return res.redirect(303, url);
    }
    const name = nameOf(req, found.standing);
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
        action: `${base}/totp`,
        cancelUrl: `${base}/totp/cancel`,
        first: setup.first,
        error: refusal && formError(refusal, host.now()),
      },
      refusal ? 422 : 200,
    );
  }

  const nameOf = (req: Request, { seam }: Complete): string => host.options.users.name(seam.userOf(req));
  const defaultLabel = (req: Request): string => renderer.text(renderer.languageOf(req), 'type.totp');
}
