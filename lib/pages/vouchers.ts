import type { Request, Response, Router } from 'express';
import type { Account, UserId } from '../account/account';
import { type EvidenceItem, openRequest, type Recovery } from '../account/recovery';
import { toUserId } from '../account/user-id';
import { isYoung } from '../core/age';
import { refuse, type Refusal } from '../errors';
import { openIn } from '../recovery/begin';
import { changeRequest } from '../recovery/change';
import { baseOf, withGoal } from '../session/address';
import { userName } from '../session/app-functions';
import { field, textIn } from '../session/body';
import type { Complete } from '../session/login-state';
import { scopeOf } from '../session/request-state';
import type { RequestScope, Runtime } from '../session/runtime';
import { completeLogin } from './guard';
import { leaveNotice, takeNotice } from './notice';
import { formError, handler, type PageContext } from './page-context';

const path = '/security/vouchers';

/** How many other people of a customer account are looked at. */
const MOST_PEERS = 50;

/** A request of somebody else that names this user, and whose it is. */
interface Asking {
  readonly account: Account;
  readonly request: Recovery;
  readonly name: string;
}

/** Whether people can vouch for each other here: the app says who belongs together, and who is who. */
export const takesVouchers = ({ settings, options: { users } }: Runtime): boolean =>
  settings.recovery !== null &&
  settings.recovery.evidence.points.voucher > 0 &&
  users.peers !== undefined &&
  users.byId !== undefined &&
  users.byIdentifier !== undefined;

/** The text that named them is no longer needed. */
const vouched = ({ voucher: _, ...item }: EvidenceItem, vouchedBy: UserId): EvidenceItem => ({
  ...item,
  proven: true,
  vouchedBy,
});

/** Vouching for another person of the same customer account, who asks for access. */
export function voucherPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const { users } = runtime.options;
  if (!takesVouchers(runtime)) return;

  router.get(
    path,
    handler(context, async (req, res) => {
      const found = await completeLogin(context, req, res, scopeOf(runtime, req));
      if (!found) return;
      const asking = await askingOf(scopeOf(runtime, req), req, found.loginState);
      if (respond.wantsJson(req))
        return respond.json(req, res, {
          requests: asking.map(({ request, name }) => ({ reference: request.reference, user: name })),
        });
      show(req, res, found.loginState, asking, null);
    }),
  );
  router.post(
    `${path}/:reference`,
    handler(context, async (req, res) => {
      const scope = scopeOf(runtime, req);
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const { loginState } = found;
      const asking = await askingOf(scope, req, loginState);
      const one = asking.find(({ request }) => request.reference === req.params.reference);
      if (!one) return respond.refuse(req, res, refuse('not_found'));
      if (!isFresh(scope, loginState)) {
        const url = withGoal(`${baseOf(runtime, req)}/confirm`, `${baseOf(runtime, req)}${path}`);
        return respond.refuse(req, res, refuse('step_up_required', { reason: 'too_weak', url }));
      }
      const typed = field(req, 'accountName');
      const done =
        typeof typed === 'string' && typed.trim() === one.name
          ? await vouch(scope, loginState.userId, one)
          : refuse('malformed', { field: 'accountName' });
      if (!done.ok && done.code === 'malformed' && !respond.wantsJson(req))
        return show(req, res, loginState, asking, { refusal: done, reference: one.request.reference });
      if (!done.ok) return respond.refuse(req, res, done);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'vouched' });
      leaveNotice(req, loginState.login, 'vouched', one.name);
      res.redirect(303, `${baseOf(runtime, req)}${path}`);
    }),
  );

  /** By a key or an app: a code that is sent can be asked for by whoever wants it (docs/lost-access.md#evidence). */
  const isFresh = (scope: RequestScope, { login }: Complete): boolean =>
    login.proofs.some(
      ({ type, at }) =>
        (type === 'webauthn' || type === 'totp') && isYoung(at, scope.settings.fresh, scope.now()),
    );

  const vouch = (scope: RequestScope, id: UserId, { account, request }: Asking) =>
    changeRequest(scope, account.userId, request.id, {
      act: 'vouch',
      by: { as: 'voucher', id },
      prepare: (one) => ({
        ...one,
        evidence: one.evidence.map((item) => (item.voucher ? vouched(item, id) : item)),
      }),
    });

  /** Those of the same customer account whose open request names this user, as the app says on both sides. */
  async function askingOf(scope: RequestScope, req: Request, { seam, userId }: Complete): Promise<Asking[]> {
    const me = seam.userOf(req);
    const peers = await idsOf(scope, me);
    const found = await Promise.all(
      peers.filter((id) => id !== userId).map((id) => askingBy(scope, id, userId)),
    );
    return found.filter((one) => one !== null);
  }

  async function askingBy(scope: RequestScope, id: UserId, me: UserId): Promise<Asking | null> {
    const account = await scope.accounts.load(id);
    const request = account && openRequest(account);
    if (!account || !request) return null;
    const named = request.evidence.flatMap(({ kind, voucher, vouchedBy }) =>
      kind === 'voucher' && voucher && vouchedBy === undefined
        ? [openIn(scope, id, request.id, voucher)]
        : [],
    );
    const isNamed = await Promise.all(named.map((text) => isIdentifierOf(scope, text, me)));
    if (!isNamed.includes(true)) return null;
    const user = await scope.inTime('users.byId', async () => users.byId?.(id));
    if (user === null || user === undefined || !(await idsOf(scope, user)).includes(me)) return null;
    return { account, request, name: userName(runtime, user, id) };
  }

  const idsOf = (scope: RequestScope, user: unknown): Promise<UserId[]> =>
    scope.inTime('users.peers', async () => {
      const ids = (await users.peers?.(user)) ?? [];
      return ids.slice(0, MOST_PEERS).map((id) => toUserId(id, 'users.peers gave'));
    });

  const isIdentifierOf = (scope: RequestScope, text: string, me: UserId): Promise<boolean> =>
    scope.inTime('users.byIdentifier', async () => {
      const user = await users.byIdentifier?.(text);
      return user !== null && user !== undefined && toUserId(users.id(user)) === me;
    });

  function show(
    req: Request,
    res: Response,
    { login }: Complete,
    asking: readonly Asking[],
    wrong: { readonly refusal: Refusal; readonly reference: string } | null,
  ): void {
    const url = `${baseOf(runtime, req)}${path}`;
    respond.page(
      req,
      res,
      'vouchers',
      {
        requests: asking.map(({ request: { reference, startedAt }, name }) => ({
          reference,
          user: name,
          startedAt,
          url: `${url}/${reference}`,
        })),
        error: wrong && {
          ...formError(wrong.refusal, runtime.now()),
          code: 'account_name',
          reference: wrong.reference,
        },
        typed: textIn(req, 'accountName'),
        notice: takeNotice(req, login),
      },
      wrong ? 422 : 200,
    );
  }
}
