import type { Request, Response } from 'express';
import type { Account } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { enrolledTypes, labelOf, usableKeys } from '../account/factors';
import { endedBySignInSince } from '../account/recovery';
import { refuseKey } from '../core/judge-key';
import { loginAfter } from '../core/login-after';
import type { Verified } from '../core/verify';
import { randomLoginId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import type { Login, Proof } from '../stores/contracts';
import { safePath } from './address';
import { enter, leave } from './enter';
import { homeOf, wantedBy } from './goal';
import type { Runtime } from './runtime';
import { owedUser, userById } from './app-functions';
import { renewLogin } from './renew';
import { knownLoginState, scopeOf } from './request-state';
import type { Seam } from './seam';
import { restoreCookie } from './cookie';
import { guardStore } from './store-guard';

export interface Finished {
  readonly ok: true;
  /** Where the user wanted to go. */
  readonly url: string;
  /** After a backup code: how many are left. */
  readonly backupCodesLeft?: number;
  /** The user signed in with something weaker than a passkey, and has none. */
  readonly couldAddPasskey?: true;
  /** It ended a request for access to the account. */
  readonly endedRequest?: true;
}

/**
 * Completes a half login, or renews a complete one, with a proof that was accepted: a new session id, its record, and
 * where to go. The old session is dead before the answer is sent.
 */
export async function finish(
  runtime: Runtime,
  req: Request,
  res: Response,
  verified: Verified,
  to: unknown,
): Promise<Finished | Refusal> {
  const { account, proof } = verified;
  const loginState = knownLoginState(runtime, req);
  // The app may have signed in someone else between the proof and now.
  const isTheirs = loginState && 'login' in loginState && loginState.login.userId === account.userId;
  if (!isTheirs) return refuse('sign_in_required');
  if (loginState.status === 'owed') {
    const completed = await completeHalfLogin(runtime, req, res, loginState, verified, to);
    if (!completed.ok) return completed;
    return {
      ...finished(completed.url, verified),
      ...(couldAddPasskey(runtime, verified) && { couldAddPasskey: true }),
      ...(endedBySignInSince(account, loginState.login.since) && { endedRequest: true }),
    };
  }
  if (loginState.status === 'ended') return refuse('half_login_ended');

  const { login, seam } = loginState;
  await renewLogin(runtime, req, loginState, account, proof);
  const { loginId, userId } = login;
  scopeOf(runtime, req).events.emit(
    { name: 'login.confirmed', loginId, type: proof.type, ...labelOf(account, proof.factorId) },
    { userId, at: proof.at },
  );
  return finished(destination(runtime, req, seam.userOf(req), to), verified);
}

/** Completes a half login by a code from support: it is no proof, so nothing that asks for one is satisfied by it. */
export async function finishByStaff(
  runtime: Runtime,
  req: Request,
  res: Response,
  account: Account,
  to: unknown,
): Promise<Finished | Refusal> {
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status !== 'owed' || loginState.login.userId !== account.userId)
    return refuse('sign_in_required');
  return completeHalfLogin(runtime, req, res, loginState, { account, proof: null }, to);
}

async function completeHalfLogin(
  runtime: Runtime,
  req: Request,
  res: Response,
  { login: half, seam }: { readonly login: Login; readonly seam: Seam },
  { account, proof }: { readonly account: Account; readonly proof: Proof | null },
  to: unknown,
): Promise<Finished | Refusal> {
  const user = await owedUser(runtime, req, { login: half, seam });
  if (user === null) return endOfNobody(runtime, req);
  const { owed, waiting: _, ...login } = loginAfter(half, account, proof);
  if (owed?.cookie) restoreCookie(req.session.cookie, owed.cookie);
  const url = await enter(runtime, req, {
    login: proof ? login : { ...login, byStaff: true },
    seam,
    user,
    options: { keepSessionInfo: owed?.keepSessionInfo ?? false },
    goesOn: true,
    keeps: 'cookie',
    tell: res,
    ...(proof && labelOf(account, proof.factorId)),
  });
  return { ok: true, url: url ?? destination(runtime, req, user, to) };
}

/** The user of a half login no longer exists. */
export async function endOfNobody(
  runtime: Pick<Runtime, 'options' | 'kinds'>,
  req: Request,
): Promise<Refusal> {
  await leave(runtime, req);
  return refuse('sign_in_required');
}

/** Signs in the user of a verified passkey, which is both factors at once: nothing is owed. */
export async function logInByPasskey(
  runtime: Runtime,
  req: Request,
  res: Response,
  verified: Verified,
): Promise<Finished | Refusal> {
  const { account, proof } = verified;
  const [seam] = runtime.seams;
  const user = await userById(runtime, req, account.userId);
  if (!seam || user === null) return refuseKey('wrong_code');

  guardStore(req.sessionStore, runtime);
  const to = wantedBy(runtime, req, {});
  const login: Login = {
    userId: account.userId,
    state: 'passed',
    epoch: account.epoch,
    loginId: randomLoginId(),
    proofs: [proof],
    types: enrolledTypes(account),
    since: proof.at,
  };
  const label = labelOf(account, proof.factorId);
  const url = await enter(runtime, req, { login, seam, user, goesOn: false, tell: res, ...label });
  return {
    ok: true,
    url: url ?? destination(runtime, req, user, to),
    ...(endedBySignInSince(account, proof.at) && { endedRequest: true }),
  };
}

const couldAddPasskey = ({ settings }: Runtime, { proof, account }: Verified): boolean =>
  settings.keys?.passkeys === true &&
  proof.type !== 'webauthn' &&
  usableKeys(account, settings.keys.party.id).length === 0;

function finished(url: string, { proof, account }: Verified): Finished {
  if (proof.type !== 'backup-code') return { ok: true, url };
  return { ok: true, url, backupCodesLeft: countBackupCodes(account)?.left ?? 0 };
}

const destination = (runtime: Runtime, req: Request, user: unknown, to: unknown): string =>
  safePath(to, runtime.options.origin) ?? homeOf(runtime, req, user);
