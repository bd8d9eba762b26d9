import type { Account, ProofType } from '../account/account';
import { owesFactor } from '../account/factors';
import { isShutByReset } from '../account/reset';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { isYoung } from './age';
import { kindOf } from './kind';
import { usableTypes } from './offer';
import type { Offering, Scope } from './scope';

/**
 * May this login change factors? It needs a recent proof (ASVS 7.5.1): by an authenticator app, a key or a backup code,
 * and by SMS or e-mail only if nothing stronger is enrolled. Before the first factor the login itself has to be fresh.
 *
 * @param reauthenticated whether the app says that the first factor was just proven again
 */
export function refuseStale(
  scope: Scope,
  login: Login,
  account: Account,
  reauthenticated = false,
): Refusal | null {
  if (isOver(login, account)) return refuse('sign_in_required');
  const isFreshAt = (at: number) => isYoung(at, scope.settings.fresh, scope.now());
  if (!owesFactor(account)) {
    const isFresh = !login.adopted && isFreshAt(login.since);
    return isFresh || reauthenticated ? null : refuse('sign_in_required', { reason: 'reauthenticate' });
  }
  const fresh = login.proofs.filter(({ at }) => isFreshAt(at));
  if (fresh.some(({ type }) => isEnoughToChange(scope, account, type))) return null;
  if (fresh.length === 0) return refuse('step_up_required');
  const ways = usableTypes(scope, account).filter((type) => isEnoughToChange(scope, account, type));
  return refuse('step_up_required', { reason: 'too_weak', ways });
}

/**
 * May this login change what belongs to others? It takes a recent proof, by a security key for whoever has one that works
 * here. Whoever has no second factor may not.
 */
export function refuseStaleStaff(scope: Scope, login: Login, account: Account): Refusal | null {
  if (isOver(login, account)) return refuse('sign_in_required');
  if (!owesFactor(account)) return refuse('forbidden');
  const usable = usableTypes(scope, account);
  const sure = usable.filter((type) => kindOf(scope.kinds, type)?.resistsPhishing);
  const isEnough = (type: ProofType): boolean =>
    sure.length > 0 ? sure.some((one) => one === type) : isEnoughToChange(scope, account, type);
  const fresh = login.proofs.filter(({ at }) => isYoung(at, scope.settings.fresh, scope.now()));
  if (fresh.some(({ type }) => isEnough(type))) return null;
  const ways = sure.length > 0 ? sure : usable.filter(isEnough);
  return refuse('step_up_required', { ...(fresh.length > 0 && { reason: 'too_weak' as const }), ways });
}

/** A login that is half done or ended may not change anything, however fresh it is. */
export const isOver = (login: Login, account: Account): boolean =>
  login.state === 'owed' || login.epoch !== account.epoch;

/** Whether a proof of this type is enough to change factors. */
export const isEnoughToChange = (scope: Offering, account: Account, type: ProofType): boolean =>
  isStrong(scope, type) ||
  (!isShutByReset(account, type) && !usableTypes(scope, account).some((one) => isStrong(scope, one)));

const isStrong = ({ kinds }: Offering, type: ProofType): boolean => kindOf(kinds, type)?.isStrong ?? false;
