import type { Request } from 'express';
import type { Account } from '../account/account';
import { enrolledTypes, owesFactor } from '../account/factors';
import { toUserId } from '../account/user-id';
import { notePasswordReset } from '../core/note-reset';
import { recall, type Recalled } from '../core/recall';
import { loadAccount } from '../core/status';
import { randomLoginId } from '../crypto/random';
import { refuse, SecondFactorError } from '../errors';
import type { Login, OwedLogin } from '../stores/contracts';
import { acceptance, openedBy } from './app-functions';
import { baseOf, withGoal } from './address';
import { endRemembered } from './end-login';
import { currentLogin } from './login-state';
import { enter, type Entry } from './enter';
import { leadToGoal, wantedBy } from './goal';
import type { Runtime } from './runtime';
import type { LogInOptions, Seam } from './seam';
import { noResponse, proofIsNoUser, secondFactorRequired } from './errors';
import { isFormPost, isNavigation } from './negotiate';
import { callBack } from './promised';
import { isProof } from './proof-brand';
import { scopeOf, setLoginState } from './request-state';
import { saveCookie } from './cookie';
import { requireSession } from './session-layer';
import { guardStore } from './store-guard';

/**
 * What `req.logIn` does in place of Passport's own login: asks the account whether a second factor is owed. If so, the
 * user is not put into the session, and either we answer or the callback gets an error, never both.
 */
export const logInThrough =
  (runtime: Runtime) =>
  (seam: Seam) =>
  (req: Request, user: unknown, options: LogInOptions, done: (error?: unknown) => void): void => {
    callBack(
      start(runtime, seam, req, user, options),
      (next) => {
        if (next === 'go_on') done();
      },
      (error) => {
        seam.setUser(req, undefined);
        if (
          error instanceof SecondFactorError &&
          error.status === 503 &&
          req.res &&
          runtime.options.owed === 'answer'
        ) {
          runtime.warnOfOutage(error);
          return runtime.refuse(req, req.res, refuse('unavailable', error.details));
        }
        done(error);
      },
    );
  };

async function start(
  runtime: Runtime,
  seam: Seam,
  req: Request,
  user: unknown,
  options: LogInOptions,
): Promise<'go_on' | 'answered'> {
  if (isProof(user)) throw proofIsNoUser();
  requireSession(req);
  if (!req.res) throw noResponse();
  guardStore(req.sessionStore, runtime);
  const scope = scopeOf(runtime, req);
  const userId = toUserId(runtime.options.users.id(user));
  const stored = await loadAccount(scope, userId);
  // Even if a login continues: its user may just have reset the password through a message.
  const channel = await openedBy(runtime, user, req);
  const account =
    channel && owesFactor(stored) ? await notePasswordReset(scope, userId, channel, stored) : stored;
  const current = await currentLogin(runtime, scope, req, account);
  if (current?.state === 'owed') {
    setLoginState(runtime, req, { status: 'owed', login: current, seam });
    answerOwed(runtime, req, wantedBy(runtime, req, options));
    return 'answered';
  }

  // Account linking: the login is already complete and continues as it is, under a new session id.
  if (current) {
    await signIn(runtime, req, { seam, user, options, login: current, goesOn: true });
    return 'go_on';
  }

  const accepted = owesFactor(account) ? await acceptance(runtime, user, req) : false;
  const recalled = owesFactor(account) && !accepted ? await recallHere(runtime, req, account) : null;
  const { epoch } = recalled?.account ?? account;
  const login: Login = {
    userId,
    state: accepted || recalled ? 'passed' : 'exempt',
    epoch,
    loginId: randomLoginId(),
    proofs: [],
    types: enrolledTypes(recalled?.account ?? account),
    since: scope.now(),
    ...(channel && { usedChannel: `otp-${channel}` as const }),
    ...(accepted && { accepted }),
    ...(recalled && { remembered: recalled.browserId }),
  };
  if (!owesFactor(account) || accepted || recalled) {
    await signIn(runtime, req, { seam, user, options, login, goesOn: false, tell: req.res });
    leadToGoal(runtime, seam, req, req.res);
    return 'go_on';
  }

  const to = wantedBy(runtime, req, options);
  await enter(runtime, req, {
    seam,
    user,
    options,
    login: { ...login, state: 'owed', owed: await owedLogin(seam, req, user, options) },
    goesOn: false,
  });
  answerOwed(runtime, req, to);
  return 'answered';
}

/** Whether this browser is remembered. If its cookie was copied, the logins it let in are over. */
async function recallHere(runtime: Runtime, req: Request, account: Account): Promise<Recalled | null> {
  const scope = scopeOf(runtime, req);
  const { recalled, copied } = await recall(scope, account, runtime.browser.tokensOf(req));
  if (copied.length > 0) await endRemembered(scope, account.userId, copied);
  if (recalled) runtime.browser.keepTokens(req.res, recalled);
  return recalled;
}

async function signIn(runtime: Runtime, req: Request, entry: Entry): Promise<void> {
  // Passport also has the user there while it logs in.
  entry.seam.setUser(req, entry.user);
  await enter(runtime, req, entry);
}

/** What the rest of the login will need, as the session of a half login has no user. */
async function owedLogin(
  seam: Seam,
  req: Request,
  user: unknown,
  { keepSessionInfo = false }: LogInOptions,
): Promise<OwedLogin> {
  const serialized = await seam.serialize(user, req);
  // Passport would keep the cookie too. Here that waits until the login is complete, as a kept cookie might not reach
  // our pages.
  const cookie = keepSessionInfo ? { cookie: saveCookie(req.session.cookie) } : {};
  return { user: serialized, keepSessionInfo, passport: seam.index, ...cookie };
}

/** Answers the login itself: a form is redirected to the step, though it is not ours; a script is told the URL. */
function answerOwed(runtime: Runtime, req: Request, to: string | null): void {
  const url = withGoal(baseOf(runtime, req), to);
  if (runtime.options.owed === 'callback' || !req.res) throw secondFactorRequired(url);
  if (isNavigation(req) || isFormPost(req)) return req.res.redirect(303, url);
  runtime.refuse(req, req.res, refuse('second_factor_required', { url }));
}
