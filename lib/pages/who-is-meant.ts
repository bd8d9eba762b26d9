import type { Request } from 'express';
import type { UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import { refuse, type Refusal } from '../errors';
import { countVisit } from '../recovery/visits';
import { owedUser, userName } from '../session/app-functions';
import { textIn } from '../session/body';
import { knownLoginState } from '../session/request-state';
import type { RequestScope, Runtime } from '../session/runtime';
import type { Login } from '../stores/contracts';
import { maskName } from './mask';

/** Whose account somebody means who can't sign in. */
export interface Meant {
  readonly ok: true;
  /** The half login that says so; null: only a name was given. */
  readonly login: Login | null;
  /** null: there is nobody of that name, which nobody must learn. */
  readonly userId: UserId | null;
  readonly isStaff: boolean;
}

const LONGEST_NAME = 320;

/** Without a half login, somebody can only be meant by name, where the app finds people by one. */
export function refuseNameless(runtime: Runtime, req: Request): Refusal | null {
  const { users } = runtime.options;
  const status = knownLoginState(runtime, req)?.status;
  if (status === 'owed' || users.byIdentifier) return null;
  return refuse(status === 'ended' ? 'half_login_ended' : 'sign_in_required');
}

/**
 * The user of the half login, or else whoever the app finds by what was typed: asked only so often from one address.
 *
 * @param what they want to do, which is counted
 */
export async function whoIsMeant(
  runtime: Runtime,
  req: Request,
  scope: RequestScope,
  what: 'lost_access' | 'lost_block',
): Promise<Meant | Refusal> {
  const { users } = runtime.options;
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status === 'owed') {
    const user = await owedUser(runtime, req, loginState);
    if (user === null) return refuse('sign_in_required');
    const tooMany = await countVisit(scope, what);
    if (tooMany) return tooMany;
    const { login } = loginState;
    return { ok: true, login, userId: login.userId, isStaff: await isStaff(runtime, scope, user) };
  }
  const name = textIn(req, 'identifier').trim();
  if (name === '' || name.length > LONGEST_NAME) return refuse('malformed', { field: 'identifier' });
  const tooMany = await countVisit(scope, what);
  if (tooMany) return tooMany;
  const user: unknown = await scope.inTime('users.byIdentifier', async () => users.byIdentifier?.(name));
  if (user === null || user === undefined) return { ok: true, login: null, userId: null, isStaff: false };
  const userId = toUserId(users.id(user));
  return { ok: true, login: null, userId, isStaff: await isStaff(runtime, scope, user) };
}

const isStaff = async (
  { options: { users } }: Runtime,
  scope: RequestScope,
  user: unknown,
): Promise<boolean> =>
  users.isStaff !== undefined && scope.inTime('users.isStaff', async () => users.isStaff?.(user) === true);

/** Who that is by the half login, as a page may show it; null: there is none. */
export async function maskedName(runtime: Runtime, req: Request): Promise<string | null> {
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status !== 'owed') return null;
  const user = await owedUser(runtime, req, loginState);
  return user === null ? null : maskName(userName(runtime, user, loginState.login.userId));
}
