import type { Accounts, ActivityStore, AuditStore, Pending } from 'express-second-factor';
import type { Store } from 'express-session';
import type { Clock } from './demo-clock';
import type { Outbox } from './outbox';
import type { Users } from './users';

/** What must not be lost: users, their factors, what happened and was done to them, and the demo's outbox and clock. */
export interface LastingStores {
  readonly users: Users;
  readonly outbox: Outbox;
  readonly accounts: Accounts;
  readonly activity: ActivityStore;
  readonly audit: AuditStore;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** What may be lost at the price of signing in again: sessions, and what the second factor keeps beside them. */
export interface PassingStores {
  readonly sessions: Store;
  readonly pending: Pending;
  /** Takes so much from the time that everything of the second factor has left, unless it goes by the clock itself. */
  readonly age: (ms: number) => Promise<void>;
  close(): Promise<void>;
}

export type Stores = LastingStores & Omit<PassingStores, 'age'>;
