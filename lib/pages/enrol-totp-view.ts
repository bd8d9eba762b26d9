import type { Request, Response } from 'express';
import { entriesOf } from '../account/factors';
import type { TotpSetup } from '../core/enrol-totp';
import type { Scope } from '../core/scope';
import { toBase32 } from '../crypto/base32';
import type { Refusal } from '../errors';
import { entryName, otpauthUrl } from '../factors/totp';
import { baseOf } from '../session/address';
import type { Runtime } from '../session/runtime';
import { userName } from '../session/app-functions';
import type { Found } from './fresh-login';
import { field } from './input';
import { formError, type PageContext } from './page-context';
import { qrSvg } from './qr';

export const totpUrl = (runtime: Runtime, req: Request): string => `${baseOf(runtime, req)}/security/totp`;

/** Shows what is to be put into the app; after a refusal, with the error beside its field. */
export function createTotpView({ runtime, respond, renderer }: PageContext) {
  async function show(
    req: Request,
    res: Response,
    scope: Scope,
    { loginState, account, access }: Found,
    setup: TotpSetup,
    refusal: Refusal | null,
  ): Promise<void> {
    const user = userName(runtime, loginState.seam.userOf(req), loginState.userId);
    const name = entryName(user, setup.entry);
    const address = otpauthUrl(runtime.options.appName, name, setup.secret);
    const secret = toBase32(setup.secret);
    if (respond.wantsJson(req)) return respond.json(req, res, { otpauthUrl: address, secret });
    const lang = renderer.languageOf(req);
    const label = field(req, 'label');
    const typed = typeof label === 'string' ? label.slice(0, 200) : '';
    const isOfEntry = refusal?.field === 'entry';
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
        naming: access.refusal(scope)
          ? null
          : { beginUrl: `${totpUrl(runtime, req)}/begin`, typed: isOfEntry ? typed : '' },
        label: isOfEntry ? '' : typed || (setup.name ?? ''),
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
