import type { Request, RequestHandler, Response } from 'express';
import type { UserId } from '../../account/account';
import type { AuditRecord } from '../../account/audit';
import { toUserId } from '../../account/user-id';
import type { AdminAction, Office, People, Target } from '../../admin/office';
import type { AdminOptions } from '../../options/admin';
import { refuseStaleStaff } from '../../core/freshness';
import type { Scope } from '../../core/scope';
import { loadAccount } from '../../core/status';
import { refuse, type Refusal } from '../../errors';
import { appUrl, askedFor, baseOf, mountedAt, parameter, withGoal, withNeed } from '../../session/address';
import { userName } from '../../session/app-functions';
import { field } from '../../session/body';
import { wrongOrder } from '../../session/errors';
import { isNavigation, isToldByPage } from '../../session/negotiate';
import { knownLoginState } from '../../session/request-state';
import type { Runtime } from '../../session/runtime';
import { isForeignRead, refuseForeign } from '../csrf';
import type { Complete } from '../guard';
import { takeNotice } from '../notice';
import { handler, type PageContext } from '../page-context';
import type { FormError } from '../views';

/** What the pages of an administrator work with. */
export interface AdminContext {
  readonly pages: PageContext;
  readonly options: AdminOptions<unknown>;
  readonly recordsOf: (id: UserId) => Promise<readonly AuditRecord[]>;
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
    const loginState = knownLoginState(req);
    if (!loginState) return next(wrongOrder('adminRouter()'));
    const refused = isForeignRead(req) ? refuse('bad_origin') : refuseIncomplete(runtime, req);
    const refusal = refused ?? refuseForeign(runtime, req);
    if (refusal) respond.refuse(req, res, refusal);
    else next();
  };

function refuseIncomplete(runtime: Runtime, req: Request): Refusal | null {
  const status = knownLoginState(req)?.status;
  if (status === 'passed' || status === 'exempt') return null;
  if (status === 'owed')
    return refuse('second_factor_required', { url: withGoal(baseOf(runtime, req), askedFor(runtime, req)) });
  const to = isNavigation(req) ? askedFor(runtime, req) : null;
  const url = withGoal(appUrl(runtime, req, runtime.options.loginUrl), to);
  return refuse('sign_in_required', { url });
}

/** A handler for what an administrator asks for, behind `adminGuard`. */
export const atDesk = (context: AdminContext, work: (desk: Desk) => Promise<void>): RequestHandler =>
  handler(context.pages, async (req, res, scope) => {
    const loginState = knownLoginState(req);
    if (loginState?.status !== 'passed' && loginState?.status !== 'exempt')
      return context.pages.respond.refuse(req, res, refuse('sign_in_required'));
    const { runtime } = context.pages;
    const office = officeOf(context, req, scope, loginState);
    await work({ req, res, office, loginState, here: mountedAt(runtime, req) });
  });

const officeOf = (
  { pages: { runtime }, options }: AdminContext,
  req: Request,
  scope: Scope,
  { userId, login }: Complete,
): Office => ({
  scope,
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

/**
 * Answers a refusal. Whoever has to prove anew that it is them is led there, and back to `back`.
 */
export function refuseAt(
  { pages: { runtime, respond } }: AdminContext,
  { req, res }: Pick<Desk, 'req' | 'res'>,
  refusal: Refusal,
  back: string,
): void {
  if (refusal.code !== 'step_up_required') return respond.refuse(req, res, refusal);
  const url = confirmUrl(runtime, req, refusal, back);
  respond.refuse(req, res, { ...(isToldByPage(req) && { reason: 'come_back' }), ...refusal, url });
}

/** Where somebody proves anew that it is them, by what is wanted of them. */
export function confirmUrl(runtime: Runtime, req: Request, { ways = [] }: Refusal, back: string): string {
  const types = ways.includes('webauthn') ? ['webauthn'] : null;
  return withNeed(withGoal(`${baseOf(runtime, req)}/confirm`, back), { types, userVerified: false });
}

/** What every page of an administrator shows. */
export async function pageOf(
  { pages: { runtime } }: AdminContext,
  { req, office, loginState, here }: Desk,
  current: 'users' | 'without' | 'requests' | null,
  wrong: Wrong | null = null,
) {
  const stale = await office.refuseStale();
  const back = req.method === 'GET' ? askedFor(runtime, req) : null;
  return {
    here,
    current,
    notice: takeNotice(req, loginState.login),
    confirmUrl:
      stale?.code === 'step_up_required' ? confirmUrl(runtime, req, stale, back ?? `${here}/requests`) : null,
    wrong,
  };
}

/** What people are called whose ids are shown, by those ids. Whoever the app no longer knows has none. */
export async function namesOf(
  { people }: Office,
  ids: readonly (UserId | null | undefined)[],
): Promise<Readonly<Record<string, string>>> {
  const known = [...new Set(ids)].filter((id) => id !== null && id !== undefined);
  const named = await Promise.all(
    known.map(async (id) => {
      const user = await people.byId(id);
      return user === null ? [] : [[id, people.nameOf(user)] as const];
    }),
  );
  return Object.fromEntries(named.flat());
}

/** A form that was refused, for its page to be shown again. */
export interface Wrong {
  readonly form: string;
  readonly error: FormError;
  readonly reason: string;
}

/** null: the refusal is not one that the form can mend, or nobody reads a page. */
export function wrongOf(req: Request, form: string, refusal: Refusal): Wrong | null {
  const { code, field: name = null } = refusal;
  const isMended = code === 'malformed' || code === 'conflict' || code === 'not_yet';
  if (!isMended || !isToldByPage(req)) return null;
  const named = name === null ? undefined : OF_FIELDS[name];
  const typed = field(req, 'reason') ?? field(req, 'note');
  return {
    form,
    error: { code: code === 'malformed' ? (named ?? code) : `admin_${code}`, field: name },
    reason: typeof typed === 'string' ? typed.slice(0, 1000) : '',
  };
}

const OF_FIELDS: Readonly<Record<string, string>> = {
  reason: 'admin_reason',
  note: 'admin_note',
  verdict: 'admin_verdict',
  check: 'admin_check',
  accountName: 'account_name',
};

/** The address of a page of a list. */
export function listUrl(url: string, parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter(
    (pair): pair is [string, string] => pair[1] !== null && pair[1] !== '',
  );
  return given.length === 0 ? url : `${url}?${new URLSearchParams(given).toString()}`;
}

export const userUrl = (here: string, id: string): string => `${here}/users/${encodeURIComponent(id)}`;
export const requestUrl = (here: string, reference: string): string =>
  `${here}/requests/${encodeURIComponent(reference)}`;
