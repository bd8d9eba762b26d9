import { AccountsInTime } from './accounts-in-time';
import type { Accounts, Pending } from './contracts';
import { PendingInTime } from './pending-in-time';
import { TimeLeft } from './time-left';

/** How long one request may wait for its stores, all calls together. */
export const STORE_TIME = 2_500;

export interface DeadlineOptions {
  readonly ms?: number;
  /** A clock that only goes forward, in ms. */
  readonly now?: () => number;
}

export interface Stores {
  readonly accounts: Accounts;
  readonly pending: Pending;
}

/**
 * The same two stores, whose calls share one deadline: make it once a request. Without it a server
 * that is frozen rather than dead keeps a driver waiting for a minute, whatever its own time-outs say.
 * A `save` that was rejected has an unknown outcome.
 */
export function within(accounts: Accounts, pending: Pending, options: DeadlineOptions = {}): Stores {
  const time = new TimeLeft(options.ms ?? STORE_TIME, options.now ?? monotonic);
  return { accounts: new AccountsInTime(accounts, time), pending: new PendingInTime(pending, time) };
}

/** As long for the functions of the app that one request asks: what they take is not taken from the stores. */
export const appWithin = (options: DeadlineOptions = {}): TimeLeft =>
  new TimeLeft(options.ms ?? STORE_TIME, options.now ?? monotonic);

const monotonic = (): number => performance.now();
