import type { Request } from 'express';
import type { UserId } from '../account/account';
import { owesFactor } from '../account/factors';
import { toUserId } from '../account/user-id';
import { loadAccount } from '../core/status';
import type { Runtime } from './runtime';
import type { LogInOptions, Seam } from './seam';
import { proofIsNoUser, sessionRequired } from './errors';
import { callBack } from './promised';
import { isProof } from './proof-brand';
import {
  isFirstCover,
  knownLoginState,
  type RequestState,
  scopeOf,
  stateOf,
  vouchedFor,
} from './request-state';
import { guardSessions } from './store-guard';

type Done = (error?: unknown) => void;
type LogIn = (this: Request, user: unknown, options?: LogInOptions | Done, done?: Done) => void;
interface Logging {
  logIn: LogIn;
  login: LogIn;
}

/**
 * A login that starts no session never reaches the session manager, so `req.logIn` itself refuses a user who owes a
 * second factor. This never depends on a header, because anyone can send one.
 */
export function createLogInCover(runtime: Runtime): (req: Request, state: RequestState) => void {
  // Passport gives every request the same function, so one cover serves them all.
  let last = coverOf(runtime, () => undefined);
  return (req, state) => {
    if (!isFirstCover(runtime, state)) return;
    const logging = req as unknown as Logging;
    const { logIn } = logging;
    if (last.inner !== logIn) last = coverOf(runtime, logIn);
    logging.logIn = last.logIn;
    logging.login = last.logIn;
  };
}

const coverOf = (runtime: Runtime, inner: LogIn): { readonly inner: LogIn; readonly logIn: LogIn } => ({
  inner,
  logIn(user, given, call) {
    const [options, done] = typeof given === 'function' ? [{}, given] : [given ?? {}, call];
    if (startsSession(runtime, this, options) || isForeign(runtime, this))
      return inner.call(this, user, options, done);
    const answer = done ?? (() => undefined);
    if (isProof(user)) return answer(proofIsNoUser());
    callBack(
      owesHere(runtime, this, user),
      (owes) =>
        owes ? answer(sessionRequired(unknownNames(runtime))) : inner.call(this, user, options, answer),
      answer,
    );
  },
});

/** As Passport decides it: any falsy value except `undefined` means no session. */
const startsSession = ({ seams }: Runtime, req: Request, { session = true }: LogInOptions): boolean =>
  Boolean(session) && seams.some((seam) => seam.isOf(req) !== null);

/** Belongs to a Passport we were not given: its users are not ours. */
const isForeign = ({ seams }: Runtime, req: Request): boolean =>
  seams.every((seam) => seam.isOf(req) === false);

/**
 * Whether this user would need a second factor to be `req.user` in this request. Not if their login is complete and
 * they gave the password again, nor if a token that was issued earlier vouches for them.
 */
async function owesHere(runtime: Runtime, req: Request, user: unknown): Promise<boolean> {
  const idOf = (one: unknown): UserId => toUserId(runtime.options.users.id(one));
  const account = await loadAccount(scopeOf(runtime, req), idOf(user));
  if (!owesFactor(account)) return false;
  const loginState = knownLoginState(runtime, req);
  const isComplete = loginState?.status === 'passed' && loginState.login.epoch === account.epoch;
  if (isComplete && loginState.userId === account.userId) return false;
  return !vouchedFor(req).some((one) => one === user || isSame(() => idOf(one) === account.userId));
}

/** A strategy that checks a token need not give a user: some give the claims of the token. */
function isSame(compare: () => boolean): boolean {
  try {
    return compare();
  } catch {
    return false;
  }
}

/** Looked up only when needed: strategies may be registered at any time. */
const unknownNames = (runtime: Runtime): string[] =>
  [...runtime.options.tokenStrategies].filter(
    (name) => !runtime.seams.some((seam) => seam.hasStrategy(name)),
  );

interface Running {
  success(user: unknown, info?: unknown): void;
  error(error: unknown): void;
}
interface Strategy {
  authenticate(this: Running, req: Request, options?: { readonly assignProperty?: unknown }): unknown;
}

/**
 * A strategy that succeeds can set a user without a session: through a `req.logIn` that starts none, even in a request
 * that has not passed `protect()`, or through an `assignProperty` that names the user's own property.
 */
export function coverStrategies(runtime: Runtime, seam: Seam): void {
  const coverLogIn = createLogInCover(runtime);
  seam.replaceStrategies((found, name) => {
    const strategy = found as Strategy;
    if (name === 'session') return guarding(runtime, strategy);
    const isToken = runtime.options.tokenStrategies.has(name);
    const authenticate: Strategy['authenticate'] = function authenticate(req, options) {
      const success = this.success.bind(this);
      this.success = (user, info) => {
        if (isToken) {
          vouchedFor(req).push(user);
          return success(user, info);
        }
        coverLogIn(req, stateOf(req));
        if (!seam.isUserProperty(req, options?.assignProperty)) return success(user, info);
        if (isProof(user)) return this.error(proofIsNoUser());
        callBack(
          owesHere(runtime, req, user),
          (owes) => (owes ? this.error(sessionRequired(unknownNames(runtime))) : success(user, info)),
          (error) => this.error(error),
        );
      };
      return strategy.authenticate.call(this, req, options);
    };
    return Object.create(strategy, { authenticate: { value: authenticate } }) as object;
  });
}

/** `passport.session()` is where a request first uses its session, before any route that could write it back. */
function guarding(runtime: Runtime, strategy: Strategy): object {
  const authenticate: Strategy['authenticate'] = function authenticate(req, options) {
    guardSessions(runtime, req);
    return strategy.authenticate.call(this, req, options);
  };
  return Object.create(strategy, { authenticate: { value: authenticate } }) as object;
}
