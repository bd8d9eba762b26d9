import type { Router } from 'express';
import type { UserId } from '../../account/account';
import { resetMany } from '../../admin/reset';
import { everyWithout, findUsers, PAGE, type UserList, usersWithout } from '../../admin/users';
import { refuse, type Refusal } from '../../errors';
import { parameter, withParameters } from '../../session/address';
import { field } from '../../session/body';
import { csvOf } from '../csv';
import { datedFileName } from '../file-name';
import type { AdminUsersView } from '../views';
import { type AdminContext, afterOf, atDesk, type Desk, idIn, userUrl } from './desk';
import { frameOf, namesOf, pagesOf } from './frame';
import { userJson } from './json';
import { refuseForm, whyNot, type Wrong } from './refused';

/** Finding users, and those without a second factor. */
export function usersPages(router: Router, context: AdminContext): void {
  const { runtime, respond } = context.pages;

  router.get(
    '/users',
    atDesk(context, async (desk) => {
      const found = await find(desk);
      if (!found.ok) return respond.refuse(desk.req, desk.res, found);
      if (respond.wantsJson(desk.req))
        return respond.json(desk.req, desk.res, { users: found.users.map(userJson), next: found.next });
      await show(desk, found);
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
      await show(desk, found, { count });
    }),
  );

  router.get(
    '/users/without.csv',
    atDesk(context, async ({ req, res, office }) => {
      if (!(await office.may('users.read', null))) return respond.refuse(req, res, refuse('forbidden'));
      const rows: string[][] = [];
      for await (const { id, name } of everyWithout(office)) rows.push([id, name]);
      res.attachment(datedFileName([runtime.options.appName, 'without-second-factor'], runtime.now(), 'csv'));
      res.type('text/csv; charset=utf-8').send(csvOf([['id', 'name'], ...rows]));
    }),
  );

  router.post(
    '/users/reset',
    atDesk(context, async (desk) => {
      const { req, res, office, here } = desk;
      const done = await resetMany(office, idsIn(field(req, 'ids')), field(req, 'reason'));
      if (!done.ok)
        return refuseForm(
          context,
          desk,
          {
            form: 'reset',
            refusal: done,
            back: withParameters(`${here}/users`, { query: parameter(req, 'query'), after: afterOf(req) }),
          },
          (wrong, status) => showFound(desk, { wrong }, status),
        );
      if (!respond.wantsJson(req)) {
        const names = await namesOf(
          office,
          done.results.map(({ id }) => id),
        );
        return showFound(desk, { results: done.results.map((one) => resultOf(one, names)) });
      }
      respond.json(req, res, {
        results: done.results.map((one) =>
          one.ok
            ? { id: one.id, reference: one.reference, state: one.state }
            : { id: one.id, error: respond.errorOf(req, one) },
        ),
      });
    }),
  );

  const find = ({ req, office }: Desk): Promise<UserList | Refusal> =>
    findUsers(office, parameter(req, 'query') ?? '', { after: afterOf(req), limit: PAGE });

  interface More {
    readonly count?: number;
    readonly wrong?: Wrong;
    readonly results?: AdminUsersView['results'];
  }

  async function showFound(desk: Desk, more: More, status = 200): Promise<void> {
    const found = await find(desk);
    if (!found.ok) return respond.refuse(desk.req, desk.res, found);
    await show(desk, found, more, status);
  }

  async function show(
    desk: Desk,
    { users, next }: UserList,
    { count, wrong, results = [] }: More = {},
    status = 200,
  ): Promise<void> {
    const { req, res, here, office } = desk;
    const isAll = count === undefined;
    const query = isAll ? (parameter(req, 'query') ?? '') : '';
    respond.page(
      req,
      res,
      'admin-users',
      {
        ...(await frameOf(context, desk, isAll ? 'users' : 'without', wrong ?? null)),
        ...pagesOf(desk, isAll ? `${here}/users` : `${here}/users/without`, { query }, next),
        query,
        resetUrl: withParameters(`${here}/users/reset`, { query, after: afterOf(req) }),
        users: users.map((user) => ({ ...user, url: userUrl(here, user.id) })),
        count: count ?? null,
        mayReset: isAll && (await office.may('users.reset', null)),
        results,
      },
      status,
    );
  }
}

type Result = Extract<Awaited<ReturnType<typeof resetMany>>, { ok: true }>['results'][number];

const resultOf = (
  one: Result,
  names: Readonly<Record<string, string>>,
): AdminUsersView['results'][number] => ({
  name: names[one.id] ?? one.id,
  reference: one.ok ? one.reference : null,
  why: one.ok ? null : whyNot('reset', one),
});

/** A form sends one value or several. */
const idsIn = (given: unknown): readonly UserId[] => {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.filter((one) => typeof one === 'string').map(idIn);
};
