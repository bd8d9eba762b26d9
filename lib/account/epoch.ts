import type { Account } from './account';

/**
 * Ends every login made before. Never behind the clock, so an account that is deleted and made anew does
 * not reach an epoch that an old login still carries.
 */
export const moveEpoch = (account: Account, now: number): Account => ({
  ...account,
  epoch: Math.max(account.epoch + 1, now),
});
