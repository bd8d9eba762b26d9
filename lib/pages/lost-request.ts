import type { Request, Response, Router } from 'express';
import type { Scope } from '../core/scope';
import { loadAccount } from '../core/status';
import type { Refusal } from '../errors';
import { beginRequest, type Begun, readAsked, refuseNew } from '../recovery/begin';
import { baseOf } from '../session/address';
import { timeZoneOf } from '../session/app-functions';
import { field, textIn } from '../session/body';
import { knownLoginState } from '../session/request-state';
import { refuseForeignByHeaders } from './csrf';
import { daysOf } from './lost-form';
import { openPage } from './open-page';
import { fieldError, formStatus, type PageContext, rowsOf } from './page-context';
import { languageOf } from './sending';
import type { LostRequestView } from './views';
import { maskedName, refuseNameless, whoIsMeant } from './who-is-meant';

const path = '/lost/requests';

/** Where access is asked for. */
export function startPages(router: Router, context: PageContext): void {
  const { runtime, respond, kinds, checkCodes, links } = context;

  router.get(
    path,
    openPage(context, refuseForeignByHeaders, async (req, res, scope) => {
      const refusal = respond.wantsJson(req) ? null : await refuseAtOnce(req, scope);
      await (refusal ? respond.refuse(req, res, refusal) : show(req, res, scope));
    }),
  );
  router.post(
    path,
    openPage(context, refuseForeignByHeaders, async (req, res, scope) => {
      const begun = await begin(req, scope);
      if (!begun.ok) return refused(req, res, scope, begun);
      const statusUrl = statusUrlOf(req, begun);
      if (!respond.wantsJson(req)) return res.redirect(303, statusUrl);
      const { reference, route } = begun.request;
      const answer = {
        reference,
        checkCode: checkCodes.of(reference),
        statusUrl,
        formUrl: `${statusUrl}/form.pdf`,
        // Whoever has not proven the password must not learn what is on file.
        route: begun.isProven ? route : null,
      };
      respond.json(req, res, answer, 202);
    }),
  );

  async function begin(
    req: Request,
    scope: Parameters<typeof whoIsMeant>[2],
  ): Promise<(Begun & { readonly isProven: boolean }) | Refusal> {
    const nameless = refuseNameless(runtime, req);
    if (nameless) return nameless;
    const asked = readAsked(scope, {
      lost: field(req, 'lost'),
      contact: field(req, 'contact') ?? contactOf(textIn(req, 'address')),
      text: field(req, 'text'),
    });
    if (!asked.ok) return asked;
    const meant = await whoIsMeant(runtime, req, scope, 'lost_access');
    if (!meant.ok) return meant;
    const asker = {
      ...meant,
      tokens: runtime.browser.tokensOf(req),
      language: languageOf(context, req),
      timeZone: timeZoneOf(runtime, req),
    };
    const begun = await beginRequest(scope, asker, asked);
    return begun.ok ? { ...begun, isProven: meant.login !== null } : saidOfOther(begun);
  }

  /** Before somebody fills in what can't be sent. Whoever gave a name only must not learn it. */
  async function refuseAtOnce(req: Request, scope: Scope): Promise<Refusal | null> {
    const loginState = knownLoginState(runtime, req);
    if (loginState?.status !== 'owed') return null;
    const { login } = loginState;
    const refusal = refuseNew(await loadAccount(scope, login.userId), login, scope.now());
    return refusal?.code === 'conflict' ? saidOfOther(refusal) : null;
  }

  const statusUrlOf = (req: Request, { userId, request: { id } }: Begun): string =>
    `${baseOf(runtime, req)}${path}/${links.make('status', { userId, id })}`;

  async function refused(req: Request, res: Response, scope: Scope, refusal: Refusal): Promise<void> {
    const isOfForm = refusal.code === 'malformed' || refusal.code === 'slow_down';
    if (respond.wantsJson(req) || !isOfForm) return respond.refuse(req, res, refusal);
    await show(req, res, scope, refusal);
  }

  async function show(req: Request, res: Response, scope: Scope, refusal?: Refusal): Promise<void> {
    const { settings } = runtime;
    const nameless = refuseNameless(runtime, req);
    if (nameless) return respond.refuse(req, res, nameless);
    const user = await maskedName(runtime, req);
    const types = rowsOf(kinds).flatMap(([type, kind]) => (kind.isOn(scope) ? [type] : []));
    const [email, sms] = [scope.delivery.reaches('email'), scope.delivery.reaches('sms')];
    if (respond.wantsJson(req))
      return respond.json(req, res, {
        lost: types,
        channels: [...(email ? ['email'] : []), ...(sms ? ['sms'] : [])],
      });
    const lost = [field(req, 'lost')].flat();
    const view: LostRequestView = {
      user,
      identifier: textIn(req, 'identifier'),
      types: types.map((type) => ({ type, isLost: lost.includes(type) })),
      reaches: email && sms ? 'both' : email ? 'email' : 'sms',
      address: textIn(req, 'address'),
      said: textIn(req, 'text'),
      waits: daysOf(settings.recovery?.waits ?? { short: 0, long: 0 }),
      action: `${baseOf(runtime, req)}${path}`,
      backUrl: `${baseOf(runtime, req)}/lost`,
      error: refusal ? shownError(refusal, sms) : null,
    };
    respond.page(req, res, 'lost-request', view, refusal ? formStatus(refusal) : 200);
  }

  function shownError(refusal: Refusal, isNumberToo: boolean): LostRequestView['error'] {
    const given = fieldError(refusal, runtime.now());
    const error = given.code === 'email_empty' && isNumberToo ? { ...given, code: 'reach_empty' } : given;
    return error.field === 'contact' ? { ...error, field: 'address' } : error;
  }
}

/** What is in the way may be somebody else's: what to do about that. */
function saidOfOther(refusal: Refusal): Refusal {
  const { code, state } = refusal;
  const isOther = code === 'conflict' && state !== undefined && state !== 'never' && state !== 'paused';
  return isOther ? { ...refusal, reason: 'request_other' } : refusal;
}

/** People type either into one field. */
const contactOf = (address: string): object => ({
  channel: address.includes('@') || !/\d/.test(address) ? 'email' : 'sms',
  address,
});
