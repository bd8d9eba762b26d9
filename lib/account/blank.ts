import type { Account, Lane, Rev, UserId } from './account';

/** A lane nobody has guessed on: full whatever the limits are, since `left` is cut to them when read. */
export const freshLane: Lane = { left: Number.MAX_SAFE_INTEGER, at: 0, wrong: 0 };

/** The account of a user who was never stored: nothing enrolled, epoch 0. */
export const blankAccount = (userId: UserId): Account => ({
  userId,
  rev: '' as Rev,
  epoch: 0,
  factors: [],
  backupCodes: null,
  preferred: null,
  lanes: { known: freshLane, others: freshLane },
  browsers: [],
});
