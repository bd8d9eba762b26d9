import type { ProofType } from '../account/account';
import { userKeyOf } from '../crypto/digest';
import type { Login, LoginKey, LoginPlace } from '../stores/contracts';
import { isLasting } from './age';
import type { Scope } from './scope';

/** A complete login, as its user may see it. Times in ms. */
export interface LoginStatus extends LoginPlace {
  /** Its `loginId`: the same over a step-up, and good for nothing but naming it. */
  readonly id: string;
  readonly since: number;
  readonly lastAt: number;
  readonly isThis: boolean;
  readonly proofs: readonly ProofType[];
  /** By what it was completed without a proof of ours, if it was. */
  readonly without: 'accepted' | 'remembered' | 'by_staff' | 'exempt' | null;
}

/** A login in the list, and every key it has: two for the moment in which it gets a new session id. */
export interface ListedLogin {
  readonly login: Login;
  readonly keys: readonly LoginKey[];
}

/** The logins of this user that are in force: those of the epoch of this one. */
export async function listLogins(
  scope: Pick<Scope, 'pending' | 'settings' | 'now'>,
  { userId, epoch }: Pick<Login, 'userId' | 'epoch'>,
): Promise<readonly ListedLogin[]> {
  const found = new Map<string, ListedLogin>();
  for (const { key, login } of await scope.pending.logins.list(userKeyOf(userId))) {
    const isInForce = login.userId === userId && login.epoch === epoch;
    if (!isInForce || !isLasting(login.since, scope.settings.loginLife, scope.now())) continue;
    const keys = found.get(login.loginId)?.keys ?? [];
    found.set(login.loginId, { login, keys: [...keys, key] });
  }
  return [...found.values()];
}

/** This one first, then those used last. */
export const describeLogins = (
  listed: readonly ListedLogin[],
  current: Pick<Login, 'loginId'>,
): LoginStatus[] =>
  listed
    .map(({ login }) => describeLogin(login, current))
    .toSorted((one, other) => Number(other.isThis) - Number(one.isThis) || other.lastAt - one.lastAt);

function describeLogin(login: Login, current: Pick<Login, 'loginId'>): LoginStatus {
  const { loginId: id, since, lastAt = since, proofs, accepted, remembered, byStaff, state } = login;
  const { browser = null, address = null } = login.from ?? {};
  return {
    id,
    browser,
    address,
    since,
    lastAt: Math.max(since, lastAt),
    isThis: id === current.loginId,
    proofs: [...new Set(proofs.map(({ type }) => type))],
    without: accepted
      ? 'accepted'
      : remembered !== undefined
        ? 'remembered'
        : byStaff
          ? 'by_staff'
          : state === 'exempt'
            ? 'exempt'
            : null,
  };
}
