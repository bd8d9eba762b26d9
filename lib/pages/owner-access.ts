import type { Request, Response, Router } from 'express';
import { type OwnerRules, requestToDecide, rulesNow } from '../account/recovery';
import { refuse, type Refusal } from '../errors';
import { changeRequest } from '../recovery/change';
import { OWNER_WAITS, readOwnerAsk, setOwnerRules } from '../recovery/owner-rules';
import { baseOf } from '../session/address';
import { field } from '../session/body';
import { isJsonBody } from '../session/negotiate';
import { askAgain, type Found, freshLogin, isTooOld } from './fresh-login';
import { completeLogin } from './guard';
import { leaveNotice, takeNotice } from './notice';
import { formError, handler, iso, type PageContext } from './page-context';
import { STOP_PATH } from './request-banner';

const path = '/security/lost-access';

/** What an owner decides in advance about requests for access, and the one that is open. */
export function ownerAccessPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const { recovery } = runtime.settings;
  if (!recovery) return;

  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await freshLogin(context, req, res, scope, pageUrl(req));
      if (found) show(req, res, found, null);
    }),
  );
  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const found = await freshLogin(context, req, res, scope, pageUrl(req));
      if (!found) return;
      const read = readOwnerAsk(scope, isJsonBody(req) ? askedIn(req) : askedByForm(req));
      const done = read.ok ? await setOwnerRules(scope, found.access, read.ask) : read;
      if (!done.ok) return refused(req, res, found, done);
      if (respond.wantsJson(req)) return respond.json(req, res, rulesJson(done.rules));
      leaveNotice(req, found.loginState.login, 'access_rules_changed');
      res.redirect(303, pageUrl(req));
    }),
  );
  // A login is enough to stop a request, as a link in a mail is.
  router.post(
    STOP_PATH,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      // One on hold as well, which is in the way of their own.
      const request = requestToDecide(found.account);
      if (!request) return respond.refuse(req, res, refuse('not_found'));
      const by = { as: 'owner' } as const;
      const done = await changeRequest(scope, found.account.userId, request.id, { act: 'cancel', by });
      if (!done.ok) return respond.refuse(req, res, done);
      if (respond.wantsJson(req)) return respond.json(req, res, { state: done.request.state });
      leaveNotice(req, found.loginState.login, 'request_stopped');
      res.redirect(303, `${baseOf(runtime, req)}/security`);
    }),
  );

  const pageUrl = (req: Request): string => `${baseOf(runtime, req)}${path}`;

  function refused(req: Request, res: Response, found: Found, refusal: Refusal): void {
    if (isTooOld(refusal)) return askAgain(context, req, res, refusal, pageUrl(req));
    if (respond.wantsJson(req) || refusal.code !== 'malformed') return respond.refuse(req, res, refusal);
    show(req, res, found, refusal);
  }

  function show(req: Request, res: Response, { loginState, account }: Found, refusal: Refusal | null): void {
    const rules = rulesNow(account.ownerRules, runtime.now());
    if (respond.wantsJson(req)) return respond.json(req, res, rulesJson(rules));
    const points: Readonly<Record<string, number>> = recovery?.evidence.points ?? {};
    const taken = Object.keys(points).filter((kind) => points[kind] !== 0);
    respond.page(
      req,
      res,
      'owner-access',
      {
        rules,
        kinds: taken,
        waits: OWNER_WAITS,
        url: pageUrl(req),
        notice: takeNotice(req, loginState.login),
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }
}

const askedIn = (req: Request) => ({
  never: field(req, 'never'),
  wait: field(req, 'wait'),
  needs: field(req, 'needs'),
  pause: field(req, 'pause'),
});

/** A box that is not ticked is not sent. */
function askedByForm(req: Request): Parameters<typeof readOwnerAsk>[1] {
  const needs = field(req, 'needs');
  const pause = field(req, 'pause');
  return {
    never: field(req, 'never') !== undefined,
    wait: field(req, 'wait') || null,
    needs: needs === undefined ? [] : Array.isArray(needs) ? needs : [needs],
    pause: pause === undefined ? undefined : true,
  };
}

const rulesJson = ({ never, wait, needs, pausedUntil, pending }: OwnerRules) => ({
  never,
  wait: spanOf(wait),
  needs,
  pausedUntil: iso(pausedUntil ?? null),
  pending: pending
    ? { never: pending.never, wait: spanOf(pending.wait), needs: pending.needs, at: iso(pending.at) }
    : null,
});

const HOUR = 3_600_000;

/** As options write it; null: as the operator says. */
function spanOf(ms: number): string | null {
  const hours = ms / HOUR;
  if (ms === 0) return null;
  if (!Number.isInteger(hours)) return `${Math.ceil(ms / 1000)}s`;
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}
