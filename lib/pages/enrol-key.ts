import type { Request, Response, Router } from 'express';
import { owesFactor } from '../account/factors';
import { isYoung } from '../core/age';
import { pendingCodes } from '../core/acknowledge';
import { beginKey, confirmKey } from '../core/enrol-key';
import { isOn } from '../core/offer';
import type { Scope } from '../core/scope';
import { readSetup } from '../core/setup';
import { refuse, type Refusal } from '../errors';
import type { KeyName } from '../factors/key-name';
import { baseOf } from '../session/address';
import { cancelPage } from './cancel-setup';
import { answerConfirmed, answerUnconfirmed } from './confirmed';
import { completeLogin, freshLogin } from './guard';
import { field } from './input';
import { usableKeyViews } from './key-view';
import { formError, handler, type Parts } from './parts';

const path = '/security/webauthn';

/** A prompt of the browser is easily left alone, with the set-up begun. ms */
const longestPrompt = 15 * 60_000;

/** Adding a security key or passkey: the script asks for the options, and posts what the browser answers. */
export function enrolKeyPages(router: Router, parts: Parts): void {
  const { host, respond, renderer, proving } = parts;
  const pageUrl = (req: Request): string => `${baseOf(host, req)}${path}`;

  router.get(
    path,
    handler(parts, (req, res, scope) => show(req, res, scope, null)),
  );

  router.post(
    `${path}/options`,
    handler(parts, async (req, res, scope) => {
      const found = await starting(req, res, scope);
      if (!found) return;
      const { standing, account } = found;
      const name = host.options.users.name(standing.seam.userOf(req));
      const wanted = await beginKey(scope, standing.login, account, name);
      if (wanted.ok) return respond.json(req, res, wanted.options);
      if (wanted.code !== 'conflict') return respond.refuse(req, res, wanted);
      const base = `${baseOf(host, req)}/security`;
      const unfinished = await pendingCodes(scope, standing.login, account);
      respond.refuse(req, res, { ...wanted, url: unfinished ? `${base}/backup-codes` : base });
    }),
  );

  router.post(
    path,
    handler(parts, async (req, res, scope) => {
      const found = await completeLogin(parts, req, res, scope);
      if (!found) return;
      const { standing } = found;
      const input = { response: field(req, 'response'), label: field(req, 'label'), nameOf: nameIn(req) };
      const confirmed = await confirmKey(scope, standing.login, input, proving.tokensOf(req));
      if (!confirmed.ok) {
        return answerUnconfirmed(parts, req, res, confirmed, () => show(req, res, scope, confirmed));
      }
      await answerConfirmed(parts, req, res, standing, confirmed);
    }),
  );

  cancelPage(router, parts, 'webauthn');

  /** Fresh proof is asked where the set-up starts; another challenge in the middle of it asks for nothing more. */
  async function starting(req: Request, res: Response, scope: Scope) {
    const found = await completeLogin(parts, req, res, scope);
    if (!found) return null;
    const begun = await readSetup(scope, found.standing.login, found.account, 'webauthn');
    const isOfNow = begun !== null && isYoung(begun.setup.startedAt, longestPrompt, scope.now());
    return isOfNow ? found : freshLogin(parts, req, res, scope, pageUrl(req));
  }

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    if (!isOn(scope, 'webauthn')) return respond.refuse(req, res, refuse('not_found'));
    const found = refusal ? await completeLogin(parts, req, res, scope) : await starting(req, res, scope);
    if (!found) return;
    const { standing, account } = found;
    const base = `${baseOf(host, req)}/security`;
    if (await pendingCodes(scope, standing.login, account)) {
      const url = `${base}/backup-codes`;
      if (respond.wantsJson(req)) return respond.refuse(req, res, refuse('conflict', { url }));
      return res.redirect(303, url);
    }
    const added = usableKeyViews(scope, account);
    if (respond.wantsJson(req))
      return respond.json(req, res, { keys: added.map(({ id, label }) => ({ id, label })) });
    const label = field(req, 'label');
    respond.page(
      req,
      res,
      'enrol-key',
      {
        optionsUrl: `${base}/webauthn/options`,
        action: `${base}/webauthn`,
        cancelUrl: `${base}/webauthn/cancel`,
        label: typeof label === 'string' ? label.slice(0, 200) : '',
        added,
        passkeys: scope.settings.keys?.passkeys ?? false,
        first: !owesFactor(account),
        error: refusal && formError(refusal, host.now()),
      },
      refusal ? 422 : 200,
    );
  }

  const nameIn =
    (req: Request) =>
    (name: KeyName): string =>
      'model' in name
        ? name.model
        : renderer.text(
            renderer.languageOf(req),
            name.place ? `enrol.webauthn.name.${name.place}` : 'type.webauthn',
          );
}
