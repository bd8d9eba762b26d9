import type { Account, Rev, UserId } from '../account/account';
import { dueIn } from '../account/outbox';
import { type RequestFilter, requestsIn } from '../account/requests-among';
import type { Accounts, Pending } from './contracts';
import { aroundEach } from './pending/around';
import { table } from '../options/table';
import { TimeLeft } from './time-left';

export interface DeadlineOptions {
  /** How long one request may wait for its stores, for all calls together. */
  readonly ms?: number;
  /** A monotonic clock, in ms. */
  readonly now?: () => number;
}

export interface Stores {
  readonly accounts: Required<Accounts>;
  readonly pending: Pending;
  /**
   * Calls a function of the app's, such as `passport.deserializeUser`; if it fails or never answers, that is
   * `unavailable`.
   */
  inTime<T>(this: void, name: string, ask: () => Promise<T>): Promise<T>;
  /** Waits, under the deadline, for a call to another store, or one that was made before there was a deadline. */
  storeInTime<T>(this: void, store: 'pending' | 'activity', ask: () => Promise<T>): Promise<T>;
}

/**
 * The same two stores, with one deadline for all their calls: make it once per request. Without it a server that is
 * frozen rather than dead keeps a driver waiting for a minute, whatever its own time-outs say. The outcome of a `save`
 * that was rejected is unknown.
 */
export function within(accounts: Accounts, pending: Pending, options: DeadlineOptions = {}): Stores {
  const { ms = table.deadline.fallback, now = monotonic } = options;
  const time = new TimeLeft(ms, now);
  // A separate deadline of the same length: time spent in the app's functions is not taken from the stores.
  let ofApp: TimeLeft | null = null;
  return {
    accounts: new AccountsInTime(accounts, time),
    pending: everyCallInTime(pending, time),
    inTime: (name, ask) => (ofApp ??= new TimeLeft(ms, now)).forApp(name, ask),
    storeInTime: (store, ask) => time.for(store, ask),
  };
}

/** One call to a store, under a deadline of its own. */
export const inTime = <T>(store: string, ms: number, ask: () => Promise<T>): Promise<T> =>
  new TimeLeft(ms, monotonic).for(store, ask);

const monotonic = (): number => performance.now();

const everyCallInTime = aroundEach<TimeLeft>((ask, time) => time.for('pending', ask));

class AccountsInTime implements Required<Accounts> {
  constructor(
    private readonly store: Accounts,
    private readonly time: TimeLeft,
  ) {}

  load(userId: UserId): Promise<Account | null> {
    return this.inTime(() => this.store.load(userId));
  }

  save(account: Account, over: Rev | null): Promise<boolean> {
    return this.inTime(() => this.store.save(account, over));
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.inTime(() => this.store.findByHandle(handle));
  }

  remove(userId: UserId): Promise<void> {
    return this.inTime(() => this.store.remove(userId));
  }

  all(): AsyncGenerator<Account, void, undefined> {
    return this.each(this.store.all());
  }

  due(now: number): AsyncGenerator<UserId, void, undefined> {
    return this.each(dueIn(this.store, now));
  }

  withRequest(filter: RequestFilter): AsyncGenerator<Account, void, undefined> {
    return this.each(requestsIn(this.store, filter));
  }

  private async *each<T>(given: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const items = given[Symbol.asyncIterator]();
    let isOver = false;
    try {
      for (;;) {
        const next = await this.inTime(() => items.next());
        isOver = next.done === true;
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Not awaited: it may be the store that does not answer.
      if (!isOver) items.return?.().catch(() => undefined);
    }
  }

  private inTime<T>(ask: () => Promise<T>): Promise<T> {
    return this.time.for('account', ask);
  }
}
