import type { Router } from 'express';
import type { UserId } from '../../account/account';
import { endLogins, suspendFactor, unlock } from '../../admin/acts';
import { auditOf } from '../../admin/audit';
import type { Office } from '../../admin/office';
import { confirmLiveCodeFor, liveCodeFor } from '../../admin/live-code';
import { reset, resetMany } from '../../admin/reset';
import { userDetails } from '../../admin/user';
import { everyWithout, findUsers, PAGE, usersWithout } from '../../admin/users';
import { refuse, type Refusal } from '../../errors';
import { parameter } from '../../session/address';
import { field } from '../../session/body';
import { csvOf } from '../csv';
import { fileName } from '../file-name';
import { iso } from '../page-context';
import { type AdminContext, afterOf, atDesk, type Desk, idIn, refuseAt } from './desk';
import { detailsJson, recordJson, userJson } from './json';

/** Finding users, what is known of each, and what can be done for them. */
export function userPages(router: Router, context: AdminContext): void {
  const { runtime, respond } = context.pages;

  router.get(
    '/users',
    atDesk(context, async ({ req, res, office }) => {
      const query = parameter(req, 'query') ?? '';
      const found = await findUsers(office, query, { after: afterOf(req), limit: PAGE });
      if (!found.ok) return respond.refuse(req, res, found);
      respond.json(req, res, { users: found.users.map(userJson), next: found.next });
    }),
  );

  router.get(
    '/users/without',
    atDesk(context, async ({ req, res, office }) => {
      const found = await usersWithout(office, { after: afterOf(req), limit: PAGE });
      if (!found.ok) return respond.refuse(req, res, found);
      const { users, count, next } = found;
      respond.json(req, res, { users: users.map(userJson), count, next });
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
      if (!done.ok) return refuseAt(context, desk, done, `${here}/users`);
      const results = done.results.map((one) =>
        one.ok
          ? { id: one.id, reference: one.reference, state: one.state }
          : { id: one.id, error: { code: one.code, ...(one.state && { state: one.state }) } },
      );
      respond.json(req, res, { results });
    }),
  );

  router.get(
    '/users/:id',
    atDesk(context, async ({ req, res, office }) => {
      const user = await userDetails(office, idIn(req.params.id));
      if (!user.ok) return respond.refuse(req, res, user);
      respond.json(
        req,
        res,
        detailsJson(user, (missing) => respond.lacking(req, missing)),
      );
    }),
  );

  router.get(
    '/users/:id/audit',
    atDesk(context, async ({ req, res, office }) => {
      const audit = await auditOf(office, context.recordsOf, idIn(req.params.id));
      if (!audit.ok) return respond.refuse(req, res, audit);
      respond.json(req, res, { records: audit.records.map(recordJson) });
    }),
  );

  act('suspend', (office, id, req) =>
    suspendFactor(office, id, field(req, 'factorId'), field(req, 'reason')),
  );
  act('unlock', (office, id, req) => unlock(office, id, field(req, 'reason')));
  act('end-logins', (office, id, req) => endLogins(office, id, field(req, 'reason')));
  act('reset', (office, id, req) => reset(office, id, field(req, 'reason')));

  act('live-code/confirm', (office, id, req) => confirmLiveCodeFor(office, id, field(req, 'reason')));

  router.post(
    '/users/:id/live-code',
    atDesk(context, async (desk) => {
      const { req, res, office, here } = desk;
      const id = idIn(req.params.id);
      const made = await liveCodeFor(office, id, field(req, 'reason'));
      if (!made.ok) return refuseAt(context, desk, made, `${here}/users/${encodeURIComponent(id)}`);
      respond.json(req, res, { code: made.code, expiresAt: iso(made.expiresAt) }, 201);
    }),
  );

  function act(
    name: keyof typeof DONE,
    work: (
      office: Office,
      id: UserId,
      req: Desk['req'],
    ) => Promise<Refusal | ({ readonly ok: true } & object)>,
  ): void {
    router.post(
      `/users/:id/${name}`,
      atDesk(context, async (desk) => {
        const { req, res, office, here } = desk;
        const id = idIn(req.params.id);
        const done = await work(office, id, req);
        if (!done.ok) return refuseAt(context, desk, done, `${here}/users/${encodeURIComponent(id)}`);
        const { ok: _, ...facts } = done;
        respond.json(
          req,
          res,
          name === 'reset' ? facts : { status: DONE[name] },
          name === 'reset' ? 201 : 200,
        );
      }),
    );
  }
}

/** A form sends one value or several. */
const idsIn = (given: unknown): readonly UserId[] => {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.filter((one) => typeof one === 'string').map(idIn);
};

const DONE = {
  suspend: 'suspended',
  unlock: 'unlocked',
  'end-logins': 'logins_ended',
  reset: 'begun',
  'live-code/confirm': 'confirmed',
} as const;
