import type { Request } from 'express';
import type { Account, UserId } from '../account/account';
import { endLogins } from '../core/end-logins';
import { loginAfter } from '../core/login-after';
import { SecondFactorError } from '../errors';
import type { Login, Proof } from '../stores/contracts';
import { enter, leave } from './enter';
import type { Runtime } from './runtime';
import { contextOf, completeLoginOf } from './request-state';
import type { Seam } from './seam';

/**
 * A new session id for a login that continues: after a new proof, a step-up or a change of factors (ASVS 7.2.4). The
 * app's data and the cookie's settings stay as they were; the old id is dead.
 *
 * @param account as it is now saved
 * @param proof one that was just accepted
 */
export async function renewLogin(
  runtime: Runtime,
  req: Request,
  { login, seam }: { readonly login: Login; readonly seam: Seam },
  account: Account,
  proof: Proof | null = null,
): Promise<void> {
  const user = seam.userOf(req);
  const renewed = loginAfter(login, account, proof);
  await enter(runtime, req, { login: renewed, seam, user, goesOn: true, keeps: 'everything' });
}

/** Ends every login of a user; that of `except` continues under a new session id, if it was still in force. */
export async function signOutEverywhere(runtime: Runtime, userId: UserId, except?: Request): Promise<void> {
  const complete = except ? completeLoginOf(runtime, except) : null;
  const scope = runtime.newScope(except && { req: except, context: contextOf(except) });
  const { account, goesOn } = await endLogins(scope, userId, complete?.login ?? null);
  if (except && complete && goesOn) await renewOrEnd(runtime, except, complete, account);
}

/** If the login was signed out meanwhile, the app's request continues without it. */
async function renewOrEnd(
  runtime: Runtime,
  req: Request,
  loginState: { readonly login: Login; readonly seam: Seam },
  account: Account,
): Promise<void> {
  try {
    await renewLogin(runtime, req, loginState, account);
  } catch (error) {
    if (!(error instanceof SecondFactorError) || error.code !== 'sign_in_required') throw error;
    await leave(runtime, req, loginState.seam);
  }
}
