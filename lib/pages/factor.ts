import type { Request, Response, Router } from 'express';
import type { Account, Factor, FactorId } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { factorOf, isKept, suspendedOf } from '../account/factors';
import type { Access } from '../core/access';
import { readLabel } from '../core/label';
import { edit, type FactorEdit, type Managed, prefer, remove, rename } from '../core/manage-factor';
import { usableFactors } from '../core/offer';
import type { Scope } from '../core/scope';
import { describe } from '../core/status';
import { type Refusal, refuse } from '../errors';
import { baseOf } from '../session/address';
import { field } from '../session/body';
import { renewLogin } from '../session/renew';
import type { Runtime } from '../session/runtime';
import { askAgain, findAccess, type Found, isTooOld } from './fresh-login';
import { completeLogin } from './guard';
import { factorView } from './key-view';
import { leaveNotice, type Notice } from './notice';
import { formError, handler, type PageContext } from './page-context';
import { factorJson, statusJson } from './security';
import { typedBefore, withTyped } from './typed';
import type { FactorPageView } from './views';

/** One factor: rename it, prefer it, remove it. An id that is not the user's own is not found. */
export function factorPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const show = createFactorView(context);
  const path = '/security/factors/:id';

  router.get(
    path,
    handler(context, (req, res, scope) => show(req, res, scope, null)),
  );
  for (const action of ACTIONS) {
    router.get(
      `${path}/${action}`,
      handler(context, (req, res, scope) => show(req, res, scope, null, action)),
    );
  }
  router.post(
    `${path}/rename`,
    handler(context, (req, res, scope) =>
      manage(req, res, scope, 'factor_renamed', (access) =>
        rename(scope, access, idOf(req), field(req, 'label')),
      ),
    ),
  );
  router.post(
    `${path}/prefer`,
    handler(context, (req, res, scope) =>
      manage(req, res, scope, 'factor_preferred', (access) => prefer(scope, access, idOf(req), true)),
    ),
  );
  router.patch(
    path,
    handler(context, async (req, res, scope) => {
      const read = readEdit(req);
      if (!read.ok) return refused(req, res, scope, read);
      await manage(req, res, scope, 'factor_renamed', (access) => edit(scope, access, idOf(req), read.edit));
    }),
  );
  router.post(
    `${path}/remove`,
    handler(context, (req, res, scope) => removeIt(req, res, scope)),
  );
  router.delete(
    path,
    handler(context, (req, res, scope) => removeIt(req, res, scope)),
  );

  async function manage(
    req: Request,
    res: Response,
    scope: Scope,
    notice: Notice['code'],
    change: (access: Access) => Promise<Managed>,
  ): Promise<void> {
    const found = await owned(req, res, scope);
    if (found) await answer(req, res, scope, found, await change(found.access), notice);
  }

  async function removeIt(req: Request, res: Response, scope: Scope): Promise<void> {
    const found = await owned(req, res, scope);
    if (!found) return;
    const managed = await remove(scope, found.access, idOf(req));
    if (managed.ok) await renewLogin(runtime, req, found.loginState, managed.account);
    await answer(req, res, scope, found, managed, 'factor_removed');
  }

  /**
   * A fresh login that owns this factor. Ownership comes first: someone else's factor is not found, however fresh the
   * login.
   */
  async function owned(req: Request, res: Response, scope: Scope): Promise<Found | null> {
    const found = await findAccess(context, req, res, scope);
    if (!found) return null;
    const { account } = found;
    const isTheirs = (factorOf(account, idOf(req)) ?? suspendedOf(account, idOf(req))) !== undefined;
    const refusal = isTheirs ? found.access.refusal(scope) : refuse('not_found');
    if (!refusal) return found;
    await refused(req, res, scope, refusal);
    return null;
  }

  async function answer(
    req: Request,
    res: Response,
    scope: Scope,
    { loginState, account }: Found,
    managed: Managed,
    notice: Notice['code'],
  ): Promise<void> {
    if (!managed.ok) return refused(req, res, scope, managed);
    if (!respond.wantsJson(req)) {
      const named =
        factorOf(managed.account, idOf(req)) ??
        factorOf(account, idOf(req)) ??
        suspendedOf(account, idOf(req));
      leaveNotice(req, loginState.login, notice, named?.label);
      return res.redirect(303, securityUrl(runtime, req));
    }
    const factor = describe(scope, managed.account).factors.find(({ id }) => id === idOf(req));
    respond.json(
      req,
      res,
      factor ? { factor: factorJson(factor) } : statusJson(context, scope, managed.account),
    );
  }

  async function refused(req: Request, res: Response, scope: Scope, refusal: Refusal): Promise<void> {
    if (isTooOld(refusal)) {
      const action = respond.wantsJson(req) ? undefined : ACTIONS.find((one) => req.path.endsWith(`/${one}`));
      const page = factorUrl(runtime, req);
      const url = action ? withTyped(runtime, req, `${page}/${action}`, field(req, 'label')) : page;
      return askAgain(context, req, res, refusal, url);
    }
    const canMend = refusal.field === 'label';
    if (respond.wantsJson(req) || !canMend) return respond.refuse(req, res, refusal);
    await show(req, res, scope, refusal);
  }
}

/** What a form of its page does. The address of each, opened by a GET, offers that one thing: after a proof it asked for. */
const ACTIONS = ['rename', 'prefer', 'remove'] as const;

/** `{ label?, preferred? }`, at least one of them. */
function readEdit(req: Request): { readonly ok: true; readonly edit: FactorEdit } | Refusal {
  const [label, preferred] = [field(req, 'label'), field(req, 'preferred')];
  if (preferred !== undefined && typeof preferred !== 'boolean')
    return refuse('malformed', { field: 'preferred' });
  if (label === undefined) {
    return preferred === undefined
      ? refuse('malformed', { field: 'label' })
      : { ok: true, edit: { preferred } };
  }
  const read = readLabel(label);
  if (!read.ok) return read;
  return { ok: true, edit: { label: read.label, ...(preferred !== undefined && { preferred }) } };
}

const idOf = (req: Request): FactorId => String(req.params.id) as FactorId;
const securityUrl = (runtime: Runtime, req: Request): string => `${baseOf(runtime, req)}/security`;
const factorUrl = (runtime: Runtime, req: Request): string =>
  `${securityUrl(runtime, req)}/factors/${encodeURIComponent(idOf(req))}`;

/** Shows one factor of the user's own; after a refusal, with the error beside its field. */
function createFactorView(context: PageContext) {
  const { runtime, respond, renderer } = context;

  async function show(
    req: Request,
    res: Response,
    scope: Scope,
    refusal: Refusal | null,
    only: FactorPageView['only'] = null,
  ): Promise<void> {
    const found = await completeLogin(context, req, res, scope);
    if (!found) return;
    const factor = describe(scope, found.account).factors.find(({ id }) => id === idOf(req));
    if (!factor) return respond.refuse(req, res, refuse('not_found'));
    if (respond.wantsJson(req)) return respond.json(req, res, { factor: factorJson(factor) });
    const label = field(req, 'label') ?? typedBefore(runtime, req);
    const usable = usableFactors(scope, found.account);
    const rest = usable.filter(({ id }) => id !== factor.id);
    respond.page(
      req,
      res,
      'factor',
      {
        factor: factorView(factor),
        only: only === 'prefer' && rest.length === 0 ? null : only,
        renameUrl: `${factorUrl(runtime, req)}/rename`,
        preferUrl: `${factorUrl(runtime, req)}/prefer`,
        removeUrl: `${factorUrl(runtime, req)}/remove`,
        backUrl: securityUrl(runtime, req),
        enrolUrl: `${securityUrl(runtime, req)}/${factor.type}`,
        remaining: remaining(req, found.account, rest),
        last: rest.length === 0,
        kept: isKept(idOf(req), usable, runtime.settings.limits),
        label: typeof label === 'string' ? label : factor.label,
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }

  function remaining(req: Request, account: Account, rest: readonly Factor[]): string[] {
    const others = rest.map((factor) => factor.label);
    const left = others.length > 0 ? (countBackupCodes(account)?.left ?? 0) : 0;
    const lang = renderer.languageOf(req);
    return left > 0 ? [...others, renderer.text(lang, 'security.codes')] : others;
  }

  return show;
}
