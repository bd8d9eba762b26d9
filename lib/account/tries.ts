import type { Account, Lane, LaneName, Limits } from './account';

/**
 * Guesses at six-digit codes are counted in two lanes: browsers that have been here before, and all others. So
 * someone who has the password can use up only the lane for unknown browsers, never the owner's (ASVS 6.1.1).
 */

/** The lane as of now: one try has come back for every full `laneRefill`. */
export function laneAt(lane: Lane, now: number, limits: Limits): Lane {
  // A clock that was ahead and has been put back must not postpone the next try.
  const at = Math.min(lane.at, now);
  const back = Math.floor((now - at) / limits.laneRefill);
  const left = Math.min(lane.left + back, limits.laneTries);
  return { ...lane, left, at: left === limits.laneTries ? now : at + back * limits.laneRefill };
}

/** When the next try comes back, ms. */
export const nextTryAt = (lane: Lane, limits: Limits): number => lane.at + limits.laneRefill;

export const isClosed = (lane: Lane, limits: Limits): boolean => lane.wrong >= limits.laneCloses;

/** A wrong guess: one try fewer. */
export const spendTry = (account: Account, name: LaneName, now: number, limits: Limits): Account => {
  const lane = laneAt(account.lanes[name], now, limits);
  return withLane(account, name, { ...lane, left: Math.max(lane.left - 1, 0), wrong: lane.wrong + 1 });
};

/**
 * A right guess gives back what its own login had spent, but nothing others spent: otherwise every sign-in by the
 * owner would hand an attacker a new budget.
 */
export const giveBackTries = (
  account: Account,
  name: LaneName,
  spent: number,
  now: number,
  limits: Limits,
): Account => {
  const lane = laneAt(account.lanes[name], now, limits);
  return withLane(account, name, { ...lane, left: Math.min(lane.left + spent, limits.laneTries), wrong: 0 });
};

/** A guess that was charged before it was checked, and turned out to be none. */
export const returnTry = (account: Account, name: LaneName, now: number, limits: Limits): Account => {
  const lane = laneAt(account.lanes[name], now, limits);
  const left = Math.min(lane.left + 1, limits.laneTries);
  return withLane(account, name, { ...lane, left, wrong: Math.max(lane.wrong - 1, 0) });
};

/** A proof that cannot be guessed reopens closed lanes; it does not give tries back. */
export const reopenLanes = (account: Account): Account =>
  account.lanes.known.wrong === 0 && account.lanes.others.wrong === 0
    ? account
    : {
        ...account,
        lanes: { known: { ...account.lanes.known, wrong: 0 }, others: { ...account.lanes.others, wrong: 0 } },
      };

const withLane = (account: Account, name: LaneName, lane: Lane): Account => ({
  ...account,
  lanes: { ...account.lanes, [name]: lane },
});
