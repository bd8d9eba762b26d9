import type { Request, Response } from 'express';
import { refuseWaiting, type LinkLogin } from '../core/half-login';
import {
  acceptBrowser,
  confirmBrowser,
  linkAddresses,
  sendLink,
  waitingFor,
  type Found,
} from '../core/new-browser';
import { loadAccount } from '../core/status';
import type { Verified } from '../core/verify';
import { loginKeyOf } from '../crypto/digest';
import { refuse, statusOfCode, type Refusal } from '../errors';
import { baseOf } from './address';
import { owedUser } from './app-functions';
import { enter } from './enter';
import { endOfNobody, finish, type Finished } from './finish';
import { knownLoginState, scopeOf } from './request-state';
import type { Runtime } from './runtime';

/**
 * A login that gave a right proof in a browser never seen before. Where its user can be asked, it waits under a new
 * session id: a relay that passed on password and code has nothing yet.
 *
 * @returns the proof, if there is nobody to ask; then it counts
 */
export async function askLink(
  runtime: Runtime,
  req: Request,
  verified: Verified,
  to: string | null,
): Promise<Verified | Refusal> {
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status === 'ended') return refuse('half_login_ended');
  const isTheirs = loginState?.status === 'owed' && loginState.login.userId === verified.account.userId;
  if (!isTheirs) return refuse('sign_in_required');
  const scope = scopeOf(runtime, req);
  const { login: half, seam } = loginState;
  const user = await owedUser(runtime, req, loginState);
  if (user === null) return endOfNobody(runtime, req);

  const { browser } = runtime;
  const addresses = await linkAddresses(scope, verified.account, verified.proof);
  if (addresses.length === 0) {
    const accepted = await acceptBrowser(scope, half, verified, browser.tokensOf(req));
    if (accepted.ok) browser.keepTokens(req.res, accepted);
    return accepted;
  }
  const login = waitingFor(half, verified, addresses, to);
  // As any proof, this one too gives a new session id. All that the app keeps in the session stays.
  const options = { keepSessionInfo: true };
  await enter(runtime, req, { login, seam, user, options, goesOn: true, keeps: 'cookie' });
  const failed = await sendLinkOf(runtime, req, login);
  // The proof was right: where no more links may be sent for now, it waits all the same.
  return failed && statusOfCode[failed.code] !== 429 ? failed : refuseWaiting(scope, login);
}

/** Sends the link of the login of this request, the first one or another. */
export async function sendLinkOf(runtime: Runtime, req: Request, login: LinkLogin): Promise<Refusal | null> {
  const scope = scopeOf(runtime, req);
  const account = await loadAccount(scope, login.userId);
  if (account.epoch !== login.epoch) return refuse('sign_in_required');
  return sendLink(scope, {
    login,
    key: loginKeyOf(req.sessionID),
    account,
    to: await linkAddresses(scope, account, login.waiting.proof),
    base: `${runtime.options.origin.origin}${baseOf(runtime, req)}/browser`,
  });
}

/** Whether this is the browser in which that login waits. */
export const isHere = (req: Request, { key }: Found): boolean => loginKeyOf(req.sessionID) === key;

/** Completes the login that waits in this browser. */
export async function completeByLink(
  runtime: Runtime,
  req: Request,
  res: Response,
  { login }: Found,
): Promise<Finished | Refusal> {
  const { browser } = runtime;
  const confirmed = await confirmBrowser(scopeOf(runtime, req), login, browser.tokensOf(req));
  if (!confirmed.ok) return confirmed;
  browser.keepTokens(res, confirmed);
  return finish(runtime, req, res, confirmed, login.waiting.to);
}
