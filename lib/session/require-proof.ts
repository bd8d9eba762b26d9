import type { Request, RequestHandler, Response } from 'express';
import type { ProofType } from '../account/account';
import { isYoung } from '../core/age';
import type { Scope } from '../core/scope';
import { waysOf } from '../core/offer';
import { loadAccount } from '../core/status';
import { refuse } from '../errors';
import type { Duration } from '../options/take';
import type { Login, Proof } from '../stores/contracts';
import { appUrl, baseOf, withGoal, withNeed } from './address';
import { challengeBearer, isBearer, isNavigation } from './negotiate';
import { wayBack } from './goal';
import type { Runtime } from './runtime';
import { callBack } from './promised';
import { knownLoginState, scopeOf } from './request-state';
import { failWith } from './step';
import { wrongOrder } from './errors';

export interface ProofRequirement {
  /** How old the proof may be: `'5m'`. If left out, any proof of this login will do. */
  readonly within?: Duration;
  /** Only proofs of these types. */
  readonly types?: readonly ProofType[];
  /** Only proofs that can't be phished: security keys (NIST SP 800-63B-4 §3.2.5). */
  readonly phishingResistant?: boolean;
  /** Only security keys that checked a PIN, fingerprint or face: both factors in one. */
  readonly userVerified?: boolean;
}

/** A validated requirement. */
export interface RequiredProof {
  /** ms */
  readonly age: number;
  /** null: every type counts. */
  readonly types: readonly ProofType[] | null;
  readonly phishingResistant: boolean;
  readonly userVerified: boolean;
}

/**
 * Lets a request through if its login has proven its second factor, recently enough and by the right means. A user
 * without one passes if their login is recent enough; otherwise they have to sign in again.
 */
export function requireProof(runtime: Runtime, required: RequiredProof): RequestHandler {
  const { age, types, phishingResistant, userVerified } = required;
  const need = { types, userVerified };

  return (req, res, next) => {
    const loginState = knownLoginState(runtime, req);
    if (!loginState) return next(wrongOrder('requireProof()'));
    if (loginState.status === 'owed') {
      const url = withGoal(baseOf(runtime, req), wayBack(runtime, req));
      return runtime.refuse(req, res, refuse('second_factor_required', { url }));
    }
    if (loginState.status !== 'passed' && loginState.status !== 'exempt') {
      return runtime.refuse(req, res, refuse('sign_in_required', { url: signInUrl(runtime, req) }));
    }
    const isRight = (proof: Proof): boolean =>
      (!types || types.includes(proof.type)) && (!userVerified || proof.userVerified === true);
    const isYoungEnough = (at: number): boolean => isYoung(at, age, runtime.now());
    if (loginState.login.proofs.some((proof) => isRight(proof) && isYoungEnough(proof.at))) return next();
    if (!types && isFreshWithout(loginState.login, isYoungEnough)) return next();
    callBack(
      canProve(scopeOf(runtime, req), loginState.login, types),
      (can) => ask(req, res, loginState.login, can),
      failWith(runtime, req, res, next),
    );
  };

  function ask(req: Request, res: Response, login: Login, can: boolean): void {
    if (!can)
      return runtime.refuse(req, res, refuse('forbidden', { url: `${baseOf(runtime, req)}/security` }));
    // Someone with nothing to confirm it with finds there how to end this login and sign in again.
    const url = withNeed(withGoal(`${baseOf(runtime, req)}/confirm`, wayBack(runtime, req)), need);
    if (login.types.length === 0)
      return runtime.refuse(req, res, refuse('sign_in_required', { url, reason: 'reauthenticate' }));
    if (isBearer(req) && !isNavigation(req)) challengeBearer(res, age, phishingResistant ? 'phr' : null);
    runtime.refuse(req, res, refuse('step_up_required', { url }));
  }
}

/** A proof made elsewhere that is recent enough or, for users without a factor, such a login. */
function isFreshWithout(login: Login, isYoungEnough: (at: number) => boolean): boolean {
  if (login.accepted && isYoungEnough(login.accepted.at)) return true;
  return login.types.length === 0 && !login.adopted && isYoungEnough(login.since);
}

/**
 * Asking people to confirm with something they don't have would loop for ever; instead they can add it. Reads the
 * account as it is now: it may have been added in another browser.
 */
async function canProve(scope: Scope, login: Login, types: readonly ProofType[] | null): Promise<boolean> {
  if (!types) return true;
  const ways = waysOf(scope, login, await loadAccount(scope, login.userId));
  return types.some((type) => ways.includes(type));
}

const signInUrl = (runtime: Runtime, req: Request): string =>
  withGoal(appUrl(runtime, req, runtime.options.loginUrl), wayBack(runtime, req));
