import { type Account, freshLane } from './account';

/**
 * The account of somebody who is let in again, without what was there to sign in with. So the first new factor is set up
 * as that of a new user is, and waits for its backup codes.
 */
export function withoutProofs(account: Account): Account {
  const { suspended: _suspended, resetBy: _resetBy, hold: _hold, recoveredAt: _before, ...kept } = account;
  return {
    ...kept,
    factors: [],
    backupCodes: null,
    preferred: null,
    browsers: [],
    lanes: { known: freshLane, others: freshLane },
    // What they concern is gone, and whoever has the links must not undo the new codes with them.
    objections: [],
  };
}
