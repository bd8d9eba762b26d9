import type { Request } from 'express';
import { enrolledTypes, owesFactor } from '../account/factors';
import { toUserId } from '../account/user-id';
import { notePasswordReset } from '../core/note-reset';
import { loadAccount } from '../core/status';
import { randomLoginId } from '../crypto/random';
import { SecondFactorError, refuse } from '../errors';
import type { Login } from '../stores/contracts';
import { acceptance } from './acceptance';
import { openedBy } from './reset-channel';
import { currentLogin } from './current-login';
import { wantedBy } from './goal';
import type { Host } from './host';
import { leadToGoal } from './lead-to-goal';
import type { LogInOptions } from './log-in-options';
import { proofIsNoUser } from './login-errors';
import { answerOwed } from './answer-owed';
import type { Seam } from './seam';
import { callBack } from './promised';
import { isProof } from './proof-brand';
import { startHalfLogin } from './renew';
import { planRenewal } from './renewal';
import { scopeOf, setStanding } from './request-state';
import { noResponse, requireSession } from './session-layer';
import { ensureSaved, guardStore } from './store-guard';
import { tellSignedIn } from './tell-signed-in';

type Next = { readonly go: 'on' } | { readonly go: 'answered' };

/**
 * What `req.logIn` does in place of Passport's own login: asks the account whether a second factor is owed.
 * If so the user is not put into the session, and either we answer or the callback gets an error, never both.
 */
export const logInThrough =
  (host: Host) =>
  (seam: Seam) =>
  (req: Request, user: unknown, options: LogInOptions, done: (error?: unknown) => void): void => {
    callBack(
      start(host, seam, req, user, options),
      ({ go }) => {
        if (go === 'on') done();
      },
      (error) => {
        seam.setUser(req, undefined);
        if (
          error instanceof SecondFactorError &&
          error.status === 503 &&
          req.res &&
          host.options.owed === 'answer'
        ) {
          return host.refuse(req, req.res, refuse('unavailable', error.details));
        }
        done(error);
      },
    );
  };

async function start(
  host: Host,
  seam: Seam,
  req: Request,
  user: unknown,
  options: LogInOptions,
): Promise<Next> {
  if (isProof(user)) throw proofIsNoUser();
  requireSession(req);
  if (!req.res) throw noResponse();
  guardStore(req.sessionStore, host.pending);
  const scope = scopeOf(host, req);
  const userId = toUserId(host.options.users.id(user));
  const stored = await loadAccount(scope, userId);
  // Also where a login goes on: its user may have set the password by a message just now.
  const channel = await openedBy(host, user, req);
  const account =
    channel && owesFactor(stored) ? await notePasswordReset(scope, userId, channel, stored) : stored;
  const current = await currentLogin(host, req, account);
  if (current?.state === 'owed') {
    setStanding(req, { status: 'owed', login: current, seam });
    answerOwed(host, req, wantedBy(host, req, options));
    return { go: 'answered' };
  }

  // Account linking: the login is complete already and goes on as it is, under a new session id.
  if (current) return complete(host, seam, req, user, options, current, false);

  const accepted = owesFactor(account) ? await acceptance(host, user, req) : false;
  const login: Login = {
    userId,
    state: accepted ? 'passed' : 'exempt',
    epoch: account.epoch,
    loginId: randomLoginId(),
    proofs: [],
    types: enrolledTypes(account),
    since: scope.now(),
    ...(channel && { shut: `otp-${channel}` as const }),
    ...(accepted && { accepted }),
  };
  if (!owesFactor(account) || accepted) return complete(host, seam, req, user, options, login, true);

  const to = wantedBy(host, req, options);
  await startHalfLogin(host, seam, req, user, { ...login, state: 'owed' }, options.keepSessionInfo ?? false);
  host.events.emit({ name: 'login.owed', loginId: login.loginId }, { userId, at: login.since });
  answerOwed(host, req, to);
  return { go: 'answered' };
}

async function complete(
  host: Host,
  seam: Seam,
  req: Request,
  user: unknown,
  options: LogInOptions,
  login: Login,
  isNew: boolean,
): Promise<Next> {
  const { settings } = scopeOf(host, req);
  planRenewal(req, {
    pending: host.pending,
    login,
    life: settings.loginLife,
    goesOn: !isNew,
    // With keepSessionInfo, a user of another Passport would stay in the session, checked by nobody.
    ...(isNew && { strip: (before) => host.seams.forEach((one) => one.clearUser(before)) }),
  });
  seam.setUser(req, user);
  await seam.logIn(req, user, options);
  await ensureSaved(req);
  setStanding(req, {
    status: login.state === 'passed' ? 'passed' : 'exempt',
    login,
    seam,
    userId: login.userId,
  });
  if (isNew && req.res) {
    await tellSignedIn(host, seam, req, req.res, user, login.proofs);
    leadToGoal(host, seam, req, req.res);
  }
  return { go: 'on' };
}
