import {
  memoryAccounts,
  memoryActivity,
  memoryAudit,
  memoryPending,
  SecondFactorError,
  type Accounts,
  type ActivityStore,
  type AuditStore,
  type Pending,
} from 'express-second-factor';
import { MemoryStore, type Store } from 'express-session';
import { DemoClock, memoryAhead, type Clock } from './demo-clock';
import { StartError } from './errors';
import { openMongo } from './mongo';
import { memoryOutbox, type Outbox } from './outbox';
import { openRedis } from './redis';
import type { Settings } from './settings';
import { memoryUsers, type Users } from './users';

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

/** MongoDB and Redis if the environment names them, each independently; otherwise memory, but not in production. */
export async function openStores({
  mongoUri,
  redisUrl,
  acceptLoss,
  production,
}: Pick<Settings, 'mongoUri' | 'redisUrl' | 'acceptLoss' | 'production'>): Promise<Stores> {
  const lasting =
    mongoUri === undefined ? lastingInMemory(acceptLoss) : await openMongo(mongoUri, production);
  const { now } = lasting.clock;
  try {
    const { age, ...passing } =
      redisUrl === undefined ? passingInMemory(acceptLoss, now) : await openRedis(redisUrl);
    const forward = async (ms: number): Promise<void> => {
      await age(ms);
      await lasting.clock.forward(ms);
    };
    const close = async () => void (await Promise.allSettled([lasting.close(), passing.close()]));
    return { ...lasting, ...passing, clock: { now, forward }, close };
  } catch (error) {
    await lasting.close();
    throw error;
  }
}

function lastingInMemory(acceptLoss: boolean): LastingStores {
  const clock = new DemoClock(memoryAhead());
  return {
    users: memoryUsers(),
    outbox: memoryOutbox(),
    accounts: unlessRefused('MONGODB_URI', () => memoryAccounts({ acceptLoss })),
    activity: unlessRefused('MONGODB_URI', () => memoryActivity({ acceptLoss, now: clock.now })),
    audit: unlessRefused('MONGODB_URI', () => memoryAudit({ acceptLoss })),
    clock,
    close: () => Promise.resolve(),
  };
}

/** express-session's MemoryStore keeps growing and serves a single process: fine for a demo only. */
const passingInMemory = (acceptLoss: boolean, now: () => number): PassingStores => ({
  sessions: new MemoryStore(),
  pending: unlessRefused('REDIS_URL', () => memoryPending({ acceptLoss, now })),
  age: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

/** Memory is refused in production; here that means a missing variable. */
function unlessRefused<Opened>(variable: string, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof SecondFactorError)) throw error;
    throw new StartError(
      `${variable} must be set when NODE_ENV is production: memory is lost on restart. Or set ACCEPT_LOSS=1 to accept that.`,
    );
  }
}
