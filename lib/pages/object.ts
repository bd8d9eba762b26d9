import type { Request, RequestHandler, Response, Router } from 'express';
import type { FactorId } from '../account/account';
import { findObjectionable, lift, objectTo, restore } from '../core/object';
import type { Managed } from '../core/manage-factor';
import type { Scope } from '../core/scope';
import type { LinkTarget } from '../crypto/links';
import { refuse, type Refusal } from '../errors';
import { appUrl, askedPath, baseOf } from '../session/address';
import { renewLogin } from '../session/renew';
import { refuseForeignByToken } from './csrf';
import { askAgain, findAccess, isTooOld, type Found } from './fresh-login';
import { leaveNotice, type Notice } from './notice';
import { handler, iso, type PageContext } from './page-context';

const path = '/object/:token';
const gone = refuse('not_found', { reason: 'objection_over' });

/**
 * The link in a notice. It needs no login: anyone who has it may stop what happened, and that is all it does. Opening
 * it only shows, because mail filters open links too.
 */
export function objectPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;

  router.get(
    path,
    opened(context, async (req, res, scope, { userId, id }) => {
      const found = await findObjectionable(scope, userId, id);
      if (!found) return respond.refuse(req, res, gone);
      const { at, told, suspends } = found;
      if (respond.wantsJson(req))
        return respond.json(req, res, {
          status: 'ready',
          at: iso(at),
          events: told.map(({ name, type, label }) => ({ name, type, label })),
        });
      respond.page(req, res, 'object', {
        at,
        told,
        suspends,
        action: askedPath(runtime, req),
      });
    }),
  );
  router.post(
    path,
    opened(context, async (req, res, scope, { userId, id }) => {
      const done = await objectTo(scope, userId, id);
      if (!done.ok) return respond.refuse(req, res, done);
      const { ended, suspended } = done;
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'objected', ended, suspended });
      const next = { href: appUrl(runtime, req, runtime.options.loginUrl), text: 'sign-in' } as const;
      respond.message(req, res, { code: 'objected', next });
    }),
  );
}

type Work = (req: Request, res: Response, scope: Scope, target: LinkTarget) => Promise<void>;

/** A request whose address holds a token of ours. */
const opened =
  (context: PageContext, work: Work): RequestHandler =>
  (req, res, next) =>
    handler(context, async (_req, _res, scope) => {
      const { runtime, respond } = context;
      const foreign = refuseForeignByToken(runtime, req);
      if (foreign) return respond.refuse(req, res, foreign);
      const target = context.links.open('object', req.params.token);
      await (target ? work(req, res, scope, target) : respond.refuse(req, res, gone));
    })(req, res, next);

/** What follows an objection on the owner's side: lifting the hold, and taking back what was suspended. */
export function holdPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;

  router.post(
    '/security/hold/lift',
    handler(context, (req, res, scope) =>
      manage(req, res, scope, 'changes_released', ({ access }) => lift(scope, access)),
    ),
  );
  router.post(
    '/security/factors/:id/restore',
    handler(context, (req, res, scope) =>
      manage(req, res, scope, 'factor_restored', ({ access }) =>
        restore(scope, access, String(req.params.id) as FactorId),
      ),
    ),
  );

  async function manage(
    req: Request,
    res: Response,
    scope: Scope,
    notice: Notice['code'],
    change: (found: Found) => Promise<Managed>,
  ): Promise<void> {
    const found = await findAccess(context, req, res, scope);
    if (!found) return;
    const managed = await change(found);
    if (!managed.ok) return refused(req, res, managed);
    if (managed.account.epoch !== found.account.epoch)
      await renewLogin(runtime, req, found.loginState, managed.account);
    if (respond.wantsJson(req)) return respond.json(req, res, { status: notice });
    leaveNotice(req, found.loginState.login, notice);
    res.redirect(303, `${baseOf(runtime, req)}/security`);
  }

  function refused(req: Request, res: Response, refusal: Refusal): void {
    if (isTooOld(refusal)) askAgain(context, req, res, refusal, `${baseOf(runtime, req)}/security`);
    else respond.refuse(req, res, refusal);
  }
}
