import type { Request, RequestHandler, Response } from 'express';
import type { UserId } from '../../account/account';
import type { AuditRecord } from '../../account/audit';
import { toUserId } from '../../account/user-id';
import type { AdminAction, Office, People, Target } from '../../admin/office';
import type { AdminOptions } from '../../options/admin';
import { refuseStaleStaff } from '../../core/freshness';
import { loadAccount } from '../../core/status';
import { refuse, type Refusal } from '../../errors';
import { appUrl, askedFor, baseOf, mountedAt, parameter, withGoal } from '../../session/address';
import { userName } from '../../session/app-functions';
import { wrongOrder } from '../../session/errors';
import type { Complete } from '../../session/login-state';
import { isNavigation } from '../../session/negotiate';
import { completeLoginOf, knownLoginState, scopeOf } from '../../session/request-state';
import type { RequestScope, Runtime } from '../../session/runtime';
import { isForeignRead, refuseForeign } from '../csrf';
import { handler, type PageContext } from '../page-context';

/** What the pages of an administrator work with. */
export interface AdminContext {
  readonly pages: PageContext;
  readonly options: AdminOptions<unknown>;
  readonly recordsOf: (id: UserId) => Promise<readonly AuditRecord[]>;
  /** Whether the app has a store for them. */
  readonly keepsRecords: boolean;
}

/** One request of an administrator: who it is, and where these pages are. */
export interface Desk {
  readonly req: Request;
  readonly res: Response;
  readonly office: Office;
  readonly loginState: Complete;
  /** Where the router is mounted. */
  readonly here: string;
}

/** Lets in whoever is completely signed in, from a page of their own site. */
export const adminGuard =
  ({ pages: { runtime, respond } }: AdminContext): RequestHandler =>
  (req, res, next) => {
    const loginState = knownLoginState(runtime, req);
    if (!loginState) return next(wrongOrder('adminRouter()'));
    const refused = isForeignRead(req) ? refuse('bad_origin') : refuseIncomplete(runtime, req);
    const refusal = refused ?? refuseForeign(runtime, req);
    if (refusal) respond.refuse(req, res, refusal);
    else next();
  };

function refuseIncomplete(runtime: Runtime, req: Request): Refusal | null {
  if (completeLoginOf(runtime, req)) return null;
  if (knownLoginState(runtime, req)?.status === 'owed')
    return refuse('second_factor_required', { url: withGoal(baseOf(runtime, req), askedFor(runtime, req)) });
  const to = isNavigation(req) ? askedFor(runtime, req) : null;
  const url = withGoal(appUrl(runtime, req, runtime.options.loginUrl), to);
  return refuse('sign_in_required', { url });
}

/** A handler for what an administrator asks for, behind `adminGuard`. */
export const atDesk = (context: AdminContext, work: (desk: Desk) => Promise<void>): RequestHandler =>
  handler(context.pages, async (req, res) => {
    const { runtime } = context.pages;
    const loginState = completeLoginOf(runtime, req);
    if (!loginState) return context.pages.respond.refuse(req, res, refuse('sign_in_required'));
    const office = officeOf(context, req, scopeOf(runtime, req), loginState);
    await work({ req, res, office, loginState, here: mountedAt(runtime, req) });
  });

const officeOf = (
  { pages: { runtime }, options }: AdminContext,
  req: Request,
  scope: RequestScope,
  { userId, login }: Complete,
): Office => ({
  scope: scope.byStaff(),
  people: peopleOf(runtime),
  by: userId,
  may: (action, target) => isAllowed(options, req, action, target),
  refuseStale: async () => refuseStaleStaff(scope, login, await loadAccount(scope, userId)),
  newScope: () => runtime.newScope(),
});

/** What can't be decided is not allowed. */
async function isAllowed(
  options: AdminOptions<unknown>,
  req: Request,
  action: AdminAction,
  target: Target | null,
): Promise<boolean> {
  try {
    const answer: unknown = await options.authorize(req, action, target);
    return answer === true;
  } catch {
    return false;
  }
}

/** The id of a user in an address or a form, as it is. */
export const idIn = (given: unknown): UserId => String(given) as UserId;

/** Where a page of a list begins, as the one before has said it. */
export const afterOf = (req: Request): string | null => parameter(req, 'after') || null;

/** The app's users, each question under a deadline of its own: some pages ask many. */
export function peopleOf(runtime: Runtime): People {
  const { users } = runtime.options;
  const ask = <T>(name: string, question: () => T | Promise<T>): Promise<T> =>
    runtime.newScope().inTime(name, async () => question());
  const idOf = (user: unknown): UserId => toUserId(users.id(user));
  return {
    byId: async (id) => {
      const user = (await ask('users.byId', () => users.byId?.(id))) ?? null;
      // Fail closed if the app finds another one.
      return user !== null && idOf(user) === id ? user : null;
    },
    idOf,
    nameOf: (user) => userName(runtime, user, idOf(user)),
    isStaff: async (user) => (await ask('users.isStaff', () => users.isStaff?.(user))) === true,
    find: async (query, page) =>
      (await ask('users.find', () => users.find?.(query, page))) ?? { users: [], next: null },
  };
}

export const userUrl = (here: string, id: string): string => `${here}/users/${encodeURIComponent(id)}`;
export const requestUrl = (here: string, reference: string): string =>
  `${here}/requests/${encodeURIComponent(reference)}`;
