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
import { StartError } from './errors';
import { openMongo } from './mongo';
import { memoryOutbox, type Outbox } from './outbox';
import { openRedis } from './redis';
import type { Settings } from './settings';
import { memoryUsers, type Users } from './users';

/** What must not be lost: users, their factors, what happened and was done to them, and the demo's outbox. */
export interface LastingStores {
  readonly users: Users;
  readonly outbox: Outbox;
  readonly accounts: Accounts;
  readonly activity: ActivityStore;
  readonly audit: AuditStore;
  close(): Promise<void>;
}

/** What may be lost at the price of signing in again: sessions, and what the second factor keeps beside them. */
export interface PassingStores {
  readonly sessions: Store;
  readonly pending: Pending;
  close(): Promise<void>;
}

export type Stores = LastingStores & PassingStores;

/** MongoDB and Redis if the environment names them, each independently; otherwise memory, but not in production. */
export async function openStores({
  mongoUri,
  redisUrl,
  acceptLoss,
}: Pick<Settings, 'mongoUri' | 'redisUrl' | 'acceptLoss'>): Promise<Stores> {
  const lasting = mongoUri === undefined ? lastingInMemory(acceptLoss) : await openMongo(mongoUri);
  try {
    const passing = redisUrl === undefined ? passingInMemory(acceptLoss) : await openRedis(redisUrl);
    const close = async () => void (await Promise.allSettled([lasting.close(), passing.close()]));
    return { ...lasting, ...passing, close };
  } catch (error) {
    await lasting.close();
    throw error;
  }
}

const lastingInMemory = (acceptLoss: boolean): LastingStores => ({
  users: memoryUsers(),
  outbox: memoryOutbox(),
  accounts: unlessRefused('MONGODB_URI', () => memoryAccounts({ acceptLoss })),
  activity: unlessRefused('MONGODB_URI', () => memoryActivity({ acceptLoss })),
  audit: unlessRefused('MONGODB_URI', () => memoryAudit({ acceptLoss })),
  close: () => Promise.resolve(),
});

/** express-session's MemoryStore keeps growing and serves a single process: fine for a demo only. */
const passingInMemory = (acceptLoss: boolean): PassingStores => ({
  sessions: new MemoryStore(),
  pending: unlessRefused('REDIS_URL', () => memoryPending({ acceptLoss })),
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
