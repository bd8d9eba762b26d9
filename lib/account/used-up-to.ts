import type { Account, Factor } from './account';
import { replaceFactor } from './factors';

/**
 * The one replay rule: a proof at or below `usedUpTo` was used before. It is decided inside the account's
 * save, so of any number of parallel uses one wins.
 */
export const isUsed = (factor: Factor, at: number): boolean => at <= factor.usedUpTo;

export const markUsed = (account: Account, factor: Factor, at: number, now: number): Account =>
  replaceFactor(account, { ...factor, usedUpTo: Math.max(factor.usedUpTo, at), lastUsedAt: now });
