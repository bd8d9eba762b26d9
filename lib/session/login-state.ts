import type { Request } from 'express';
import type { Account, UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import { isLasting, minuteOf } from '../core/age';
import { type EnrolLogin, isEnrolLogin, isEnrolOpen } from '../core/enrol-login';
import { isHalfLoginOpen } from '../core/half-login';
import { refusedOver } from '../core/login-tries';
import { placeOf } from '../core/place';
import type { Scope } from '../core/scope';
import { loadAccount } from '../core/status';
import { loginKeyOf, userKeyOf } from '../crypto/digest';
import { randomLoginId } from '../crypto/random';
import type { EpochNumber, Login, LoginKey } from '../stores/contracts';
import type { Runtime, RequestScope } from './runtime';
import { SPARE, type Ahead } from './read-ahead';
import { isMarked, removeMark, requireSession, setMark } from './session-layer';
import type { Seam } from './seam';
import { isSpent } from './succession';

/** Somebody is signed in, and owes nothing. */
export interface Complete {
  readonly status: 'passed' | 'exempt';
  readonly login: Login;
  readonly seam: Seam;
  readonly userId: UserId;
}

/** How far the login of a session has got. */
export type LoginState =
  | { readonly status: 'none' }
  /** The password was right, a second factor is owed. */
  | { readonly status: 'owed'; readonly login: Login; readonly seam: Seam }
  /**
   * Somebody who is let in again, and can do nothing but set up new factors. Under a name of its own, so that whatever
   * works with logins takes it for none.
   */
  | { readonly status: 'enrol'; readonly enrolling: EnrolLogin }
  /** A half login that ran out of time; known for an hour. */
  | { readonly status: 'ended'; readonly login: Login }
  | Complete
  /** The session holds a user whose login is over. */
  | { readonly status: 'signed-out'; readonly seam: Seam };

/** What decides of a session. No type of express-session's: those who use ours may not have its types. */
interface SessionFacts {
  readonly cookie: { readonly originalMaxAge: number | null };
}

/** The user that a session holds, as Passport has read it. */
export interface Holder {
  readonly seam: Seam;
  readonly user: unknown;
}

const none: LoginState = { status: 'none' };

/** Whose session this is, and whether its login is complete, in one round trip to the pending store. */
export async function loginStateOf(runtime: Runtime, scope: RequestScope, req: Request): Promise<LoginState> {
  requireSession(req);
  const { session } = req;
  const key = loginKeyOf(req.sessionID);
  const seam = seamOf(runtime, session);
  if (!seam) return isMarked(runtime, session) ? halfLogin(runtime, scope, req, key) : none;

  const user = seam.userOf(req) ?? (await scope.inTime('passport.deserializeUser', () => seam.userFrom(req)));
  if (user === null || user === undefined) return { status: 'signed-out', seam };
  const userId = toUserId(runtime.options.users.id(user));
  const life = lifeOf(runtime, session);
  const { logins, epochs } = scope.pending;
  const [slidAt, userKey] = [scope.now(), userKeyOf(userId)];
  const [login, epoch] = await Promise.all([
    logins.read(key, life + SPARE, minuteOf(slidAt)),
    epochs.read(userKey),
  ]);
  if (!login) return adopt(runtime, scope, req, key, userId, seam, life);
  if (!isMarked(runtime, session)) {
    if (await isSpent(scope.pending, key)) return { status: 'signed-out', seam };
    setMark(runtime, session);
  }

  const isOfEpoch =
    typeof epoch === 'number' ? login.epoch === epoch : await isOfAccount(scope, userId, login.epoch, epoch);
  const loginState = completeState(runtime, login, isOfEpoch, userId, seam);
  if (loginState.status !== 'signed-out')
    runtime.readAhead.note({ sessionId: req.sessionID, key, userId, user: userKey, life, slidAt });
  return loginState;
}

/**
 * The same from what was read together with the session, without waiting.
 *
 * @returns null where that does not suffice: no answer, another user or life by now, no record, another epoch
 */
export function loginStateAhead(
  runtime: Runtime,
  ahead: Ahead | null,
  session: SessionFacts,
  holder: Holder | null,
): LoginState | null {
  if (!ahead || !holder) return null;
  const { answered, note } = ahead;
  if (!answered?.login || typeof answered.epoch !== 'number' || !isMarked(runtime, session)) return null;
  if (lifeOf(runtime, session) !== note.life) return null;
  const userId = toUserId(runtime.options.users.id(holder.user));
  if (userId !== note.userId) return null;
  const { login, epoch } = answered;
  const loginState = completeState(runtime, login, login.epoch === epoch, userId, holder.seam);
  if (loginState.status === 'signed-out') return null;
  ahead.use();
  return loginState;
}

function seamOf({ seams }: Runtime, session: object): Seam | undefined {
  for (const seam of seams) if (seam.hasUser(session)) return seam;
  return undefined;
}

/** How long the session lives from now, ms. */
const lifeOf = ({ settings }: Runtime, session: SessionFacts): number =>
  session.cookie.originalMaxAge ?? settings.loginLife;

function completeState(
  { settings, now }: Runtime,
  login: Login,
  isOfEpoch: boolean,
  userId: UserId,
  seam: Seam,
): LoginState {
  const isInForce =
    isOfEpoch &&
    login.state !== 'owed' &&
    login.userId === userId &&
    isLasting(login.since, settings.loginLife, now());
  if (!isInForce) return { status: 'signed-out', seam };
  return { status: login.state === 'passed' ? 'passed' : 'exempt', login, seam, userId };
}

/** The half login of this session. Only the record tells: Passport's key in the session is empty. */
async function halfLogin(runtime: Runtime, scope: Scope, req: Request, key: LoginKey): Promise<LoginState> {
  const login = await scope.pending.logins.read(key, null);
  if (login && isEnrolLogin(login)) return enrolState(runtime, scope, req, key, login);
  const seam = runtime.seams[login?.owed?.passport ?? 0];
  if (login?.state !== 'owed' || !seam) {
    // The session no longer has a user; what the app keeps in it stays.
    removeMark(runtime, req.session);
    return none;
  }
  return isHalfLoginOpen(scope.settings, login, scope.now())
    ? { status: 'owed', login, seam }
    : { status: 'ended', login };
}

/** Its account is asked each time: what ends its request ends it. */
async function enrolState(
  runtime: Runtime,
  scope: Scope,
  req: Request,
  key: LoginKey,
  login: EnrolLogin,
): Promise<LoginState> {
  const account = await loadAccount(scope, login.userId);
  if (login.state === 'owed' && isEnrolOpen(login, account, scope.now()))
    return { status: 'enrol', enrolling: login };
  await scope.pending.logins.remove(key);
  removeMark(runtime, req.session);
  return none;
}

/**
 * Any epoch but the account's means signed out. The cached number saves reading the account, which is read while the
 * epoch is being changed or not cached.
 */
async function isOfAccount(
  scope: Scope,
  userId: UserId,
  epoch: number,
  cached: Exclude<EpochNumber, number>,
): Promise<boolean> {
  const account = await loadAccount(scope, userId);
  if (cached === null) await scope.pending.epochs.raise(userKeyOf(userId), account.epoch);
  return epoch === account.epoch;
}

/**
 * A session with a user and no record. It gets one only if it is older than the installation and its user never had an
 * account; if it has a mark, or its user an account, its login was ended.
 */
async function adopt(
  runtime: Runtime,
  scope: Scope,
  req: Request,
  key: LoginKey,
  userId: UserId,
  seam: Seam,
  life: number,
): Promise<LoginState> {
  if (isMarked(runtime, req.session) || (await scope.accounts.load(userId)) !== null)
    return { status: 'signed-out', seam };
  const login: Login = {
    userId,
    state: 'exempt',
    epoch: 0,
    loginId: randomLoginId(),
    proofs: [],
    types: [],
    since: scope.now(),
    adopted: true,
    from: placeOf(scope.request),
  };
  await scope.pending.logins.write(key, login, userKeyOf(userId), life, null);
  // Write, then check: an older process that knows nothing of us may have brought back a session that was signed out. A
  // process that dies between the two leaves a record and a session without a mark, so the next request checks again.
  if (await isSpent(scope.pending, key)) {
    await scope.pending.logins.remove(key);
    return { status: 'signed-out', seam };
  }
  setMark(runtime, req.session);
  return { status: 'exempt', login, seam, userId };
}

/** The login of this session, if it belongs to this user and to the account's epoch, and is not over. */
export async function currentLogin(
  runtime: Runtime,
  scope: Scope,
  req: Request,
  account: Account,
): Promise<Login | null> {
  if (!isMarked(runtime, req.session)) return null;
  const login = await scope.pending.logins.read(loginKeyOf(req.sessionID), null);
  if (!login || login.userId !== account.userId || login.epoch !== account.epoch) return null;
  if (isEnrolLogin(login)) return null;
  const isOpen =
    login.state === 'owed'
      ? isHalfLoginOpen(scope.settings, login, scope.now())
      : isLasting(login.since, scope.settings.loginLife, scope.now());
  const hasUser = runtime.seams.some((seam) => seam.hasUser(req.session));
  if (!isOpen || hasUser !== (login.state !== 'owed')) return null;
  return (await refusedOver(scope, login)) ? null : login;
}
