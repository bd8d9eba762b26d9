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
  /** Asks a function of the app's, such as `passport.deserializeUser`: what fails or never answers is `unavailable`. */
  inTime<T>(this: void, name: string, ask: () => Promise<T>): Promise<T>;
}

/**
 * The same two stores, whose calls share one deadline: make it once a request. Without it a server
 * that is frozen rather than dead keeps a driver waiting for a minute, whatever its own time-outs say.
 * A `save` that was rejected has an unknown outcome.
 */
export function within(accounts: Accounts, pending: Pending, options: DeadlineOptions = {}): Stores {
  const { ms = STORE_TIME, now = monotonic } = options;
  const time = new TimeLeft(ms, now);
  // As long once more: what the app takes for its own is not taken from the stores.
  const ofApp = new TimeLeft(ms, now);
  return {
    accounts: new AccountsInTime(accounts, time),
    pending: new PendingInTime(pending, time),
    inTime: (name, ask) => ofApp.forApp(name, ask),
  };
}

const monotonic = (): number => performance.now();
