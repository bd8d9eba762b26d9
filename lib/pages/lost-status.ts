import type { Request, Response, Router } from 'express';
import type { Refusal } from '../errors';
import {
  addEvidence,
  confirmContact,
  type Found,
  renewTicket,
  resendContactCode,
  sendEvidenceCode,
  standing,
  withdraw,
} from '../recovery/requests';
import type { Stepped } from '../recovery/step';
import type { Prefill } from '../recovery/form-content';
import { countVisit } from '../recovery/visits';
import { baseOf } from '../session/address';
import { userName } from '../session/app-functions';
import { field } from '../session/body';
import type { RequestScope } from '../session/runtime';
import { createLostForm } from './lost-form';
import { maskName } from './mask';
import { readOffered } from './lost-evidence';
import { pageOfRequest } from './open-page';
import { iso, type PageContext } from './page-context';
import { languageOf } from './sending';

const path = '/lost/requests/:token';

/** The address of one request: it shows how far that is, takes what is added, and signs nobody in. */
export function statusPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer, checkCodes } = context;
  type Work = (req: Request, res: Response, scope: RequestScope, found: Found) => Promise<void>;
  const form = createLostForm(context);
  const ofRequest = (work: Work) => pageOfRequest(context, 'status', work);

  router.get(
    path,
    ofRequest(async (req, res, scope, found) => shown(req, res, scope, found, 200)),
  );
  router.get(
    [`${path}/form.pdf`, `${path}/form.html`],
    ofRequest(async (req, res, scope, found) => {
      const wanted = form.wanted(req);
      if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
      const prefill = await prefillOf(req, scope, found, wanted.lang);
      if (req.path.endsWith('.html')) return form.sendPage(req, res, wanted, prefill, statusUrlOf(req));
      const tooMany = await countVisit(scope, 'lost_form');
      if (tooMany) return respond.refuse(req, res, tooMany);
      form.sendFile(res, wanted, prefill, await form.file(wanted, prefill));
    }),
  );
  router.post(
    `${path}/contact`,
    ofRequest(async (req, res, scope, found) => {
      const code = field(req, 'code');
      if (code !== undefined) return stepped(req, res, scope, await confirmContact(scope, found, code));
      sent(req, res, await resendContactCode(scope, found, languageOf(context, req)));
    }),
  );
  router.post(
    `${path}/evidence`,
    ofRequest(async (req, res, scope, found) => {
      const offered = readOffered(req, runtime.browser.tokensOf(req));
      if (!offered.ok) return respond.refuse(req, res, offered);
      if ('given' in offered)
        return stepped(req, res, scope, await addEvidence(scope, found, offered.given), 202);
      const language = languageOf(context, req);
      sent(req, res, await sendEvidenceCode(scope, found, offered.codeFor, language));
    }),
  );
  router.post(
    `${path}/withdraw`,
    ofRequest(async (req, res, scope, found) => stepped(req, res, scope, await withdraw(scope, found))),
  );
  router.post(
    `${path}/ticket`,
    ofRequest(async (req, res, scope, found) => stepped(req, res, scope, await renewTicket(scope, found))),
  );

  const statusUrlOf = (req: Request): string =>
    `${baseOf(runtime, req)}/lost/requests/${String(req.params.token)}`;

  async function prefillOf(req: Request, scope: RequestScope, found: Found, lang: string): Promise<Prefill> {
    const { reference, startedAt } = found.request;
    return {
      reference,
      checkCode: checkCodes.of(reference),
      account: await nameOf(scope, found),
      statusUrl: runtime.options.origin.origin + statusUrlOf(req),
      date: renderer.date({ lang, timeZone: found.request.timeZone }, startedAt),
    };
  }

  /** Masked; only for whoever has proven the password, as it says whose account this is. */
  async function nameOf(
    scope: RequestScope,
    { account: { userId }, request }: Found,
  ): Promise<string | null> {
    const { users } = runtime.options;
    if (!users.byId || !request.evidence.some(({ kind }) => kind === 'password')) return null;
    const user: unknown = await scope.inTime('users.byId', async () => users.byId?.(userId));
    return user === null || user === undefined ? null : maskName(userName(runtime, user, userId));
  }

  function sent(req: Request, res: Response, done: { readonly ok: true } | Refusal): void {
    if (!done.ok) return respond.refuse(req, res, done);
    // Not where to: whoever asks need not know what is on file, nor whether anything is.
    respond.json(req, res, { status: 'sent' }, 202);
  }

  function stepped(
    req: Request,
    res: Response,
    scope: RequestScope,
    done: Stepped | Refusal,
    status = 200,
  ): void {
    if (done.ok) shown(req, res, scope, done, status);
    else respond.refuse(req, res, done);
  }

  function shown(req: Request, res: Response, scope: RequestScope, found: Found, status: number): void {
    const { reference, state, earliestAt = null, steps } = found.request;
    const { sum = 0, needed = 0, kinds = [], missing = [] } = standing(scope, found) ?? {};
    const lang = renderer.languageOf(req);
    const evidence = {
      sum,
      needed,
      kinds,
      missing: missing.map((one) => renderer.text(lang, `missing.${one}`)),
    };
    const answer = {
      reference,
      state,
      evidence,
      earliestAt: iso(earliestAt),
      steps: steps.map((step) => ({ at: iso(step.at), state: step.state })),
    };
    respond.json(req, res, answer, status);
  }
}
