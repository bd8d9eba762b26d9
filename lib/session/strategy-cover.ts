import type { Request } from 'express';
import type { Host } from './host';
import { coverLogIn, owesHere, unknownNames } from './login-cover';
import { proofIsNoUser, sessionRequired } from './login-errors';
import type { Seam } from './seam';
import { callBack } from './promised';
import { isProof } from './proof-brand';
import { vouchedFor } from './request-state';
import { guardSessions } from './store-guard';

interface Running {
  success(user: unknown, info?: unknown): void;
  error(error: unknown): void;
}
interface Strategy {
  authenticate(this: Running, req: Request, options?: { readonly assignProperty?: unknown }): unknown;
}

/**
 * A strategy that succeeds can make a user without a session: by a `req.logIn` that starts none, also in a request
 * that has not met `protect()`, or by an `assignProperty` that is the property of the user.
 */
export function coverStrategies(host: Host, seam: Seam): void {
  seam.replaceStrategies((found, name) => {
    const strategy = found as Strategy;
    if (name === 'session') return guarding(host, strategy);
    const isToken = host.options.tokenStrategies.has(name);
    const authenticate: Strategy['authenticate'] = function authenticate(req, options) {
      const success = this.success.bind(this);
      this.success = (user, info) => {
        if (isToken) {
          vouchedFor(req).push(user);
          return success(user, info);
        }
        coverLogIn(host, req);
        if (!seam.isUserProperty(req, options?.assignProperty)) return success(user, info);
        if (isProof(user)) return this.error(proofIsNoUser());
        callBack(
          owesHere(host, req, user),
          (owes) => (owes ? this.error(sessionRequired(unknownNames(host))) : success(user, info)),
          (error) => this.error(error),
        );
      };
      return strategy.authenticate.call(this, req, options);
    };
    return Object.create(strategy, { authenticate: { value: authenticate } }) as object;
  });
}

/** `passport.session()` is where a request meets its session first, before any route that could write it back. */
function guarding(host: Host, strategy: Strategy): object {
  const authenticate: Strategy['authenticate'] = function authenticate(req, options) {
    guardSessions(host, req);
    return strategy.authenticate.call(this, req, options);
  };
  return Object.create(strategy, { authenticate: { value: authenticate } }) as object;
}
