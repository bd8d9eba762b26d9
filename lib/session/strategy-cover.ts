import type { Request } from 'express';
import { owesFactor } from '../account/factors';
import { toUserId } from '../account/user-id';
import { loadAccount } from '../core/status';
import type { Host } from './host';
import { proofIsNoUser, sessionRequired } from './login-errors';
import type { LogInOptions, Seam } from './passport-seam';
import { callBack } from './promised';
import { isProof } from './proof-brand';
import { scopeOf } from './request-state';

type Done = (error?: unknown) => void;
type LogIn = (user: unknown, options?: LogInOptions | Done, done?: Done) => void;
interface Logging {
  logIn: LogIn;
  login: LogIn;
}
interface Running {
  success(user: unknown, info?: unknown): void;
}
interface Strategy {
  authenticate(this: Running, req: Request, options: unknown): unknown;
}

/**
 * A login with `session: false` never reaches the session manager. So while a named strategy runs,
 * `req.logIn` itself refuses a user who owes a second factor, unless the strategy only checks a token that
 * was issued earlier. No header decides this: anybody can send one.
 */
export function coverStrategies(host: Host, seam: Seam): void {
  const covered = new WeakSet<Request>();
  seam.replaceStrategies((found, name) => {
    if (name === 'session' || host.options.tokenStrategies.has(name)) return found;
    const strategy = found as Strategy;
    return Object.create(strategy, {
      authenticate: {
        value(this: Running, req: Request, options: unknown) {
          const success = this.success.bind(this);
          this.success = (user, info) => {
            if (!covered.has(req)) coverLogIn(host, req);
            covered.add(req);
            success(user, info);
          };
          return strategy.authenticate.call(this, req, options);
        },
      },
    }) as object;
  });
}

function coverLogIn(host: Host, req: Request): void {
  const logging = req as unknown as Logging;
  const inner = logging.logIn.bind(req);
  const logIn: LogIn = (user, given, call) => {
    const [options, done] =
      typeof given === 'function' ? [{}, given] : [given ?? {}, call ?? (() => undefined)];
    if (isProof(user)) return done(proofIsNoUser());
    if (options.session !== false) return inner(user, options, done);
    callBack(
      owes(host, req, user),
      (isOwed) => (isOwed ? done(sessionRequired(unknownNames(host))) : inner(user, options, done)),
      done,
    );
  };
  logging.logIn = logIn;
  logging.login = logIn;
}

async function owes(host: Host, req: Request, user: unknown): Promise<boolean> {
  return owesFactor(await loadAccount(scopeOf(host, req), toUserId(host.options.users.id(user))));
}

/** Asked only now: strategies may be registered at any time. */
const unknownNames = (host: Host): string[] =>
  [...host.options.tokenStrategies].filter((name) => !host.seams.some((seam) => seam.hasStrategy(name)));
