import type { Request, Router } from 'express';
import type { UserId } from '../../account/account';
import { endLogins, suspendFactor, unlock } from '../../admin/acts';
import { confirmLiveCodeFor, liveCodeFor } from '../../admin/live-code';
import type { AdminAction, Office } from '../../admin/office';
import { reset } from '../../admin/reset';
import { userDetails, type UserDetails } from '../../admin/user';
import type { Refusal } from '../../errors';
import { baseOf } from '../../session/address';
import { field } from '../../session/body';
import { entryInWords } from '../activity-words';
import { browserInWords } from '../browser-words';
import { leaveNotice, type Notice } from '../notice';
import { iso } from '../page-context';
import type { AdminUserView, UserAct } from '../views';
import { type AdminContext, atDesk, type Desk, idIn, requestUrl, userUrl } from './desk';
import { frameOf, namesOf } from './frame';
import { detailsJson } from './json';
import { refuseForm, type Wrong } from './refused';

/** What is known of one user, and what can be done for them. */
export function userPage(router: Router, context: AdminContext): void {
  const { runtime, respond, renderer, activity } = context.pages;

  router.get(
    '/users/:id',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const user = await userDetails(office, idIn(req.params.id));
      if (!user.ok) return respond.refuse(req, res, user);
      if (respond.wantsJson(req))
        return respond.json(req, res, {
          ...detailsJson(user, respond.lackingFor(req)),
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
    confirmLiveCodeFor(office, id, field(req, 'reason'), field(req, 'codeId')),
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
    const back = userUrl(desk.here, id);
    await refuseForm(context, desk, { form: name, refusal, back }, async (wrong, status) => {
      const user = await userDetails(desk.office, id);
      if (!user.ok) return respond.refuse(desk.req, desk.res, user);
      await show(desk, user, { wrong }, status);
    });
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
        ...(await frameOf(context, desk, null, wrong)),
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
    return entries && entries.map((entry) => entryInWords(renderer, req, entry));
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
