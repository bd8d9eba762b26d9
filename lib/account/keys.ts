import type { Account, WebauthnFactor } from './account';

/** The user's security keys, those of another address too. */
export const keysOf = (account: Account): WebauthnFactor[] =>
  account.factors.filter((factor): factor is WebauthnFactor => factor.type === 'webauthn');

/** It was made when the app had another address, and browsers will not use it here. */
export const isForeign = (key: Pick<WebauthnFactor, 'rpId'>, rpId: string): boolean => key.rpId !== rpId;

/** The keys that work at this address: what is offered, asked for and looked up. */
export const usableKeys = (account: Account, rpId: string): WebauthnFactor[] =>
  keysOf(account).filter((key) => !isForeign(key, rpId));

/** A challenge can be answered by any key, so what one of them has used up is used up for all. ms. */
export const keysUsedUpTo = (account: Account): number =>
  Math.max(0, ...keysOf(account).map(({ usedUpTo }) => usedUpTo));

/** When a challenge counts as issued: never at or below what is used up, whatever the clock says. */
export const challengeIssuedAt = (account: Account, now: number): number =>
  Math.max(now, keysUsedUpTo(account) + 1);
