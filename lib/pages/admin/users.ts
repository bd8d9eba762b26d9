import type { Request, Router } from 'express';
import type { UserId } from '../../account/account';
import { endLogins, suspendFactor, unlock } from '../../admin/acts';
import { confirmLiveCodeFor, liveCodeFor } from '../../admin/live-code';
import type { AdminAction, Office } from '../../admin/office';
import { reset, resetMany } from '../../admin/reset';
import { userDetails, type UserDetails } from '../../admin/user';
import { everyWithout, findUsers, PAGE, type UserList, usersWithout } from '../../admin/users';
import { refuse, type Refusal } from '../../errors';
import { baseOf, parameter } from '../../session/address';
import { field } from '../../session/body';
import { browserInWords } from '../browser-words';
import { csvOf } from '../csv';
import { fileName } from '../file-name';
import { leaveNotice, type Notice } from '../notice';
import { formStatus, iso } from '../page-context';
import {
  type AdminContext,
  afterOf,
  atDesk,
  type Desk,
  idIn,
  listUrl,
  namesOf,
  pageOf,
  refuseAt,
  requestUrl,
  userUrl,
  wrongOf,
  type Wrong,
} from './desk';
import { detailsJson, userJson } from './json';
import type { AdminUsersView, AdminUserView, UserAct } from '../views';

/** Finding users, what is known of each, and what can be done for them. */
export function userPages(router: Router, context: AdminContext): void {
  const { runtime, respond, renderer, activity } = context.pages;

  router.get(
    '/users',
    atDesk(context, async (desk) => {
      const found = await find(desk);
      if (!found.ok) return respond.refuse(desk.req, desk.res, found);
      if (respond.wantsJson(desk.req))
        return respond.json(desk.req, desk.res, { users: found.users.map(userJson), next: found.next });
      await showList(desk, found);
    }),
  );

  router.get(
    '/users/without',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const found = await usersWithout(office, { after: afterOf(req), limit: PAGE });
      if (!found.ok) return respond.refuse(req, res, found);
      const { users, count, next } = found;
      if (respond.wantsJson(req)) return respond.json(req, res, { users: users.map(userJson), count, next });
      await showList(desk, found, { count });
    }),
  );

  router.get(
    '/users/without.csv',
    atDesk(context, async ({ req, res, office }) => {
      if (!(await office.may('users.read', null))) return respond.refuse(req, res, refuse('forbidden'));
      const rows: string[][] = [];
      for await (const { id, name } of everyWithout(office)) rows.push([id, name]);
      const day = new Date(runtime.now()).toISOString().slice(0, 10);
      res.attachment(`${fileName(runtime.options.appName, 'without-second-factor')}-${day}.csv`);
      res.type('text/csv; charset=utf-8').send(csvOf([['id', 'name'], ...rows]));
    }),
  );

  router.post(
    '/users/reset',
    atDesk(context, async (desk) => {
      const { req, res, office, here } = desk;
      const done = await resetMany(office, idsIn(field(req, 'ids')), field(req, 'reason'));
      const wrong = done.ok ? null : wrongOf(req, 'reset', done);
      if (!done.ok && !wrong) return refuseAt(context, desk, done, `${here}/users`);
      if (done.ok && respond.wantsJson(req))
        return respond.json(req, res, {
          results: done.results.map((one) =>
            one.ok
              ? { id: one.id, reference: one.reference, state: one.state }
              : { id: one.id, error: { code: one.code, ...(one.state && { state: one.state }) } },
          ),
        });
      const found = await find(desk);
      if (!found.ok) return respond.refuse(req, res, found);
      const results = (done.ok ? done.results : []).map((one) => ({
        id: one.id,
        reference: one.ok ? one.reference : null,
        code: one.ok ? null : one.code,
      }));
      await showList(desk, found, { wrong, results }, done.ok ? 200 : formStatus(done));
    }),
  );

  router.get(
    '/users/:id',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const user = await userDetails(office, idIn(req.params.id));
      if (!user.ok) return respond.refuse(req, res, user);
      if (respond.wantsJson(req))
        return respond.json(req, res, {
          ...detailsJson(user, (missing) => respond.lacking(req, missing)),
          activity: ((await newest(desk, user.id)) ?? []).map(({ at, ...entry }) => ({
            ...entry,
            at: iso(at),
          })),
        });
      await show(desk, user);
    }),
  );

  router.post(
    '/users/:id/live-code',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const id = idIn(req.params.id);
      const made = await liveCodeFor(office, id, field(req, 'reason'));
      if (!made.ok) return refused(desk, id, 'live-code', made);
      const { code, expiresAt } = made;
      const url = `${runtime.options.origin.origin}${baseOf(runtime, req)}/live-code`;
      if (respond.wantsJson(req)) return respond.json(req, res, { code, expiresAt: iso(expiresAt) }, 201);
      const user = await userDetails(office, id);
      if (!user.ok) return respond.refuse(req, res, user);
      await show(desk, user, { made: { code, expiresAt, url } }, 201);
    }),
  );

  act('suspend', 'suspended', (office, id, req) =>
    suspendFactor(office, id, field(req, 'factorId'), field(req, 'reason')),
  );
  act('unlock', 'unlocked', (office, id, req) => unlock(office, id, field(req, 'reason')));
  act('end-logins', 'logins_ended', (office, id, req) => endLogins(office, id, field(req, 'reason')));
  act('live-code/confirm', 'confirmed', (office, id, req) =>
    confirmLiveCodeFor(office, id, field(req, 'reason')),
  );

  router.post(
    '/users/:id/reset',
    atDesk(context, async (desk) => {
      const { req, res, office, here, loginState } = desk;
      const id = idIn(req.params.id);
      const begun = await reset(office, id, field(req, 'reason'));
      if (!begun.ok) return refused(desk, id, 'reset', begun);
      const { reference, state } = begun;
      if (respond.wantsJson(req)) return respond.json(req, res, { reference, state }, 201);
      leaveNotice(req, loginState.login, 'admin_begun', reference);
      res.redirect(303, requestUrl(here, reference));
    }),
  );

  function act(
    name: UserAct,
    status: 'suspended' | 'unlocked' | 'logins_ended' | 'confirmed',
    work: (office: Office, id: UserId, req: Request) => Promise<Refusal | { readonly ok: true }>,
  ): void {
    const notice: Notice['code'] = `admin_${status}`;
    router.post(
      `/users/:id/${name}`,
      atDesk(context, async (desk) => {
        const { req, res, office, here, loginState } = desk;
        const id = idIn(req.params.id);
        const done = await work(office, id, req);
        if (!done.ok) return refused(desk, id, name, done);
        if (respond.wantsJson(req)) return respond.json(req, res, { status });
        leaveNotice(req, loginState.login, notice);
        res.redirect(303, userUrl(here, id));
      }),
    );
  }

  /** Shows the form again that was refused, if that is what helps. */
  async function refused(desk: Desk, id: UserId, name: UserAct, refusal: Refusal): Promise<void> {
    const wrong = wrongOf(desk.req, name, refusal);
    const user = wrong && (await userDetails(desk.office, id));
    if (!user?.ok) return refuseAt(context, desk, refusal, userUrl(desk.here, id));
    await show(desk, user, { wrong }, formStatus(refusal));
  }

  const find = ({ req, office }: Desk): Promise<UserList | Refusal> =>
    findUsers(office, parameter(req, 'query') ?? '', { after: afterOf(req), limit: PAGE });

  async function showList(
    desk: Desk,
    { users, next }: UserList,
    more: { count?: number; wrong?: Wrong | null; results?: AdminUsersView['results'] } = {},
    status = 200,
  ): Promise<void> {
    const { req, res, here, office } = desk;
    const { count = null, wrong = null, results = [] } = more;
    const query = count === null ? (parameter(req, 'query') ?? '') : '';
    const url = count === null ? `${here}/users` : `${here}/users/without`;
    respond.page(
      req,
      res,
      'admin-users',
      {
        ...(await pageOf(context, desk, count === null ? 'users' : 'without', wrong)),
        query,
        users: users.map((user) => ({ ...user, url: userUrl(here, user.id) })),
        count,
        mayReset: count === null && (await office.may('users.reset', null)),
        results,
        nextUrl: next === null ? null : listUrl(url, { query, after: next }),
        firstUrl: afterOf(req) === null ? null : listUrl(url, { query }),
      },
      status,
    );
  }

  async function show(
    desk: Desk,
    user: UserDetails,
    { wrong = null, made = null }: { wrong?: Wrong | null; made?: AdminUserView['made'] } = {},
    status = 200,
  ): Promise<void> {
    const { req, res, here, office } = desk;
    const nameOf = (browser: Parameters<typeof browserInWords>[2]) => browserInWords(renderer, req, browser);
    respond.page(
      req,
      res,
      'admin-user',
      {
        ...(await pageOf(context, desk, null, wrong)),
        url: userUrl(here, user.id),
        user: {
          ...user,
          browsers: user.browsers.map((one) => ({ ...one, name: nameOf(one.name) })),
          logins: user.logins.map(({ browser, ...one }) => ({ ...one, name: nameOf(browser) })),
        },
        activity: await newest(desk, user.id),
        acts: await actsFor(office, user),
        made,
        names: await namesOf(office, [user.liveCode?.by]),
        mayAudit: await isAllowedOn(office, user, 'audit.read'),
      },
      status,
    );
  }

  /** The newest of what happened to a user; null: nothing is kept, or it can't be read now. */
  async function newest({ req }: Desk, id: UserId): Promise<AdminUserView['activity']> {
    const entries = activity && (await activity.glance(id, NEWEST));
    return (
      entries &&
      entries.map(
        ({ browser, byApp, type = null, label = null, id: entryId, at, name, result, address }) => ({
          id: entryId,
          at,
          name,
          result,
          address,
          type,
          label,
          browser: byApp ? null : browserInWords(renderer, req, browser),
        }),
      )
    );
  }

  async function isAllowedOn(office: Office, { id }: UserDetails, action: AdminAction): Promise<boolean> {
    const user = await office.people.byId(id);
    return user !== null && (await office.may(action, { id, user }));
  }

  /** What this person can do for a user now. */
  async function actsFor(office: Office, user: UserDetails): Promise<UserAct[]> {
    if (user.id === office.by) return [];
    const { liveCode: isLive = false } = office.scope.settings.recovery ?? {};
    const isOf = { suspend: user.factors.some(({ suspended }) => !suspended), reset: user.enabled };
    const possible: readonly (UserAct | false)[] = [
      user.liveCode !== null &&
        !user.liveCode.confirmed &&
        user.liveCode.by !== office.by &&
        'live-code/confirm',
      isOf.suspend && 'suspend',
      'unlock',
      'end-logins',
      isOf.reset && 'reset',
      isLive && user.enabled && 'live-code',
    ];
    const allowed = await Promise.all(
      possible
        .filter((one) => one !== false)
        .map(async (one) => ((await isAllowedOn(office, user, ACTIONS[one])) ? [one] : [])),
    );
    return allowed.flat();
  }
}

const NEWEST = 10;

const ACTIONS: Readonly<Record<UserAct, AdminAction>> = {
  suspend: 'users.suspend',
  unlock: 'users.unlock',
  'end-logins': 'users.end-logins',
  reset: 'users.reset',
  'live-code': 'users.live-code',
  'live-code/confirm': 'users.live-code.confirm',
};

/** A form sends one value or several. */
const idsIn = (given: unknown): readonly UserId[] => {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.filter((one) => typeof one === 'string').map(idIn);
};
