import type { Request, Response } from 'express';
import type { Account } from '../account/account';
import { Access } from '../core/access';
import type { Scope } from '../core/scope';
import { refuseSettingUp } from '../core/setup';
import type { SetupKind } from '../core/setup-data';
import { loadAccount } from '../core/status';
import type { Refusal } from '../errors';
import { askedFor, baseOf, withGoal } from '../session/address';
import { enrollingUser } from '../session/app-functions';
import { enrolUrl } from '../session/enrol';
import type { Complete } from '../session/login-state';
import { isToldByPage } from '../session/negotiate';
import { knownLoginState } from '../session/request-state';
import type { Login } from '../stores/contracts';
import { completeLogin } from './guard';
import type { PageContext } from './page-context';

/** A complete login, its account, and whether it may change factors: what core requires to show or change them. */
export interface Found {
  readonly loginState: Complete;
  readonly account: Account;
  readonly access: Access;
}

/** A login that may set up factors: a complete one, or one that can do nothing else. */
export interface SettingUp {
  readonly login: Login;
  /** The app's own; null: it can't find it. */
  readonly user: unknown;
  /** As this login may see it. */
  readonly account: Account;
  readonly access: Access;
  /** null: nobody is signed in by it. */
  readonly complete: Complete | null;
}

/** Like `completeLogin`. Whether it may depends on what it is used for; `askAgain` answers if not. */
export async function findAccess(
  context: PageContext,
  req: Request,
  res: Response,
  scope: Scope,
): Promise<Found | null> {
  const found = await completeLogin(context, req, res, scope);
  if (!found) return null;
  const { loginState, account } = found;
  const { users } = context.runtime.options;
  const reauthenticate = async () =>
    (await users.reauthenticate?.(loginState.seam.userOf(req), req)) ?? false;
  return { loginState, account, access: await Access.of(scope, loginState.login, account, reauthenticate) };
}

/** Like `findAccess`, of either kind of login. */
export async function findSettingUp(
  context: PageContext,
  req: Request,
  res: Response,
  scope: Scope,
): Promise<SettingUp | null> {
  const { runtime } = context;
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status === 'enrol') {
    const { enrolling: login } = loginState;
    const user = await enrollingUser(runtime, req, login);
    const access = Access.toEnrol(login, await loadAccount(scope, login.userId));
    return { login, user, account: access.account, access, complete: null };
  }
  const found = await findAccess(context, req, res, scope);
  if (!found) return null;
  const { loginState: complete, account, access } = found;
  return { login: complete.login, user: complete.seam.userOf(req), account, access, complete };
}

/** Where the set-ups of this login are chosen. */
export const setUpsUrl = ({ runtime }: PageContext, req: Request): string =>
  knownLoginState(runtime, req)?.status === 'enrol'
    ? enrolUrl(runtime, req)
    : `${baseOf(runtime, req)}/security`;

/** A login whose proof is fresh enough to change factors; if not, answers and gives null. */
export async function freshLogin(
  context: PageContext,
  req: Request,
  res: Response,
  scope: Scope,
  goBackTo: string,
): Promise<Found | null> {
  const found = await findAccess(context, req, res, scope);
  return unlessRefused(context, req, res, found, found?.access.refusal(scope) ?? null, goBackTo);
}

/** A login that may set this up: like `freshLogin`, or one whose own set-up is open to it. */
export async function settingUp(
  context: PageContext,
  req: Request,
  res: Response,
  scope: Scope,
  kind: SetupKind,
  goBackTo: string,
): Promise<SettingUp | null> {
  const found = await findSettingUp(context, req, res, scope);
  const refusal = found && (await refuseSettingUp(scope, found.access, kind));
  return unlessRefused(context, req, res, found, refusal, goBackTo);
}

function unlessRefused<One>(
  context: PageContext,
  req: Request,
  res: Response,
  found: One | null,
  refusal: Refusal | null,
  goBackTo: string,
): One | null {
  if (!found || !refusal) return found;
  askAgain(context, req, res, refusal, goBackTo);
  return null;
}

/** Whether core's refusal is one for `askAgain`: the login, or its proof, is too old. */
export const isTooOld = ({ code }: Refusal): boolean =>
  code === 'step_up_required' || code === 'sign_in_required';

/**
 * Sends the user to "confirm it's you" or, before the first factor, to sign in again, and back.
 *
 * @param words the wording of the page that asks to sign in again
 */
export function askAgain(
  context: PageContext,
  req: Request,
  res: Response,
  refusal: Refusal,
  goBackTo: string,
  words: 'reauthenticate' | 'setup_closed' = 'reauthenticate',
): void {
  const { runtime, respond } = context;
  // Its request has just ended: there is nothing to come back to.
  if (knownLoginState(runtime, req)?.status === 'enrol') return respond.refuse(req, res, refusal);
  // While changes are held, neither signing in again nor confirming would help.
  if (!isTooOld(refusal)) return respond.refuse(req, res, { ...refusal, url: setUpsUrl(context, req) });
  const to = req.method === 'GET' ? askedFor(runtime, req) : goBackTo;
  // Someone with nothing to confirm it with finds there how to end this login and sign in again.
  const url = withGoal(`${baseOf(runtime, req)}/confirm`, to);
  if (!isToldByPage(req)) return respond.refuse(req, res, { ...refusal, url });
  // Whoever confirms is led to where it is done by one button: nothing has to be sent again.
  if (refusal.code === 'step_up_required')
    return respond.refuse(req, res, { reason: 'come_back', ...refusal, url });
  signInAgain(context, req, res, to, words);
}

function signInAgain(
  { runtime, respond }: PageContext,
  req: Request,
  res: Response,
  to: string | null,
  code: string,
): void {
  const href = withGoal(`${baseOf(runtime, req)}/cancel`, to);
  const next = { href, text: 'sign-in', post: true } as const;
  respond.message(req, res, { code, next }, 401);
}
