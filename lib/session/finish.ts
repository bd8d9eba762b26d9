import type { Request, Response } from 'express';
import { countBackupCodes } from '../account/backup-codes';
import { usableKeys } from '../account/keys';
import { loginAfter } from '../core/login-after';
import type { Verified } from '../core/verify';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { appUrl } from './address';
import { safePath } from './destination';
import type { Host } from './host';
import type { Seam } from './seam';
import { owedUser } from './owed-user';
import { renewLogin } from './renew';
import { planRenewal } from './renewal';
import { knownStanding, scopeOf, setStanding } from './request-state';
import { restoreCookie } from './session-cookie';
import { ensureSaved } from './store-guard';
import { endSession, tellSignedIn } from './tell-signed-in';

export interface Finished {
  readonly ok: true;
  /** Where the login wanted to go. */
  readonly url: string;
  /** After a backup code: how many are left. */
  readonly backupCodesLeft?: number;
  /** Signed in by something weaker than a passkey, and has none. */
  readonly couldAddPasskey?: true;
}

/**
 * Completes a half login, or raises a complete one, with a proof that was accepted: a new session id, its
 * record, and the way back. The old session is dead before the answer is sent.
 */
export async function finish(
  host: Host,
  req: Request,
  res: Response,
  verified: Verified,
  to: unknown,
): Promise<Finished | Refusal> {
  const standing = knownStanding(req);
  // The app may have signed in somebody else between the proof and this.
  const isTheirs = standing && 'login' in standing && standing.login.userId === verified.account.userId;
  if (!isTheirs) return refuse('sign_in_required');
  if (standing.status === 'owed') return completeHalfLogin(host, req, res, standing, verified, to);
  if (standing.status === 'ended') return refuse('half_login_ended');

  const { login, seam } = standing;
  await renewLogin(host, req, standing, verified.account, verified.proof);
  emit(host, 'login.confirmed', login, verified);
  return finished(destination(host, req, seam.userOf(req), to), verified);
}

async function completeHalfLogin(
  host: Host,
  req: Request,
  res: Response,
  { login, seam }: { login: Login; seam: Seam },
  verified: Verified,
  to: unknown,
): Promise<Finished | Refusal> {
  const user = await owedUser(host, req, { login, seam });
  if (user === null) return endOfNobody(req);
  const { owed, ...rest } = loginAfter(login, verified.account, verified.proof);
  const { loginLife } = scopeOf(host, req).settings;
  const { cookie } = req.session;
  if (owed?.cookie) restoreCookie(cookie, owed.cookie);
  planRenewal(req, { pending: host.pending, login: rest, life: loginLife, goesOn: true, cookie });
  const url = await enter(host, seam, req, res, user, rest, owed?.keepSessionInfo ?? false, verified, to);
  return { ...finished(url, verified), ...(couldAddPasskey(host, verified) && { couldAddPasskey: true }) };
}

/** The user of a half login is not there any more. */
export async function endOfNobody(req: Request): Promise<Refusal> {
  await endSession(req);
  setStanding(req, { status: 'none' });
  return refuse('sign_in_required');
}

/** Puts the user of a proven login into a new session, whose record is planned. Says where it leads. */
export async function enter(
  host: Host,
  seam: Seam,
  req: Request,
  res: Response,
  user: unknown,
  login: Login,
  keepSessionInfo: boolean,
  verified: Verified,
  to: unknown,
): Promise<string> {
  await seam.logIn(req, user, { keepSessionInfo });
  await ensureSaved(req);
  seam.setUser(req, user);
  setStanding(req, { status: 'passed', login, seam, userId: login.userId });
  const wanted = await tellSignedIn(host, seam, req, res, user, login.proofs);
  emit(host, 'login.completed', login, verified);
  return wanted ?? destination(host, req, user, to);
}

const couldAddPasskey = ({ settings }: Host, { proof, account }: Verified): boolean =>
  settings.keys?.passkeys === true &&
  proof.type !== 'webauthn' &&
  usableKeys(account, settings.keys.party.id).length === 0;

function finished(url: string, { proof, account }: Verified): Finished {
  if (proof.type !== 'backup-code') return { ok: true, url };
  return { ok: true, url, backupCodesLeft: countBackupCodes(account)?.left ?? 0 };
}

const destination = (host: Host, req: Request, user: unknown, to: unknown): string =>
  safePath(to, host.options.origin) ?? appUrl(host, req, host.options.home?.(user, req) ?? '/');

const emit = (
  host: Host,
  name: 'login.completed' | 'login.confirmed',
  login: Login,
  { proof }: Verified,
): void =>
  host.events.emit(
    { name, loginId: login.loginId, type: proof.type },
    { userId: login.userId, at: proof.at },
  );
