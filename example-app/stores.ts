import { memoryAccounts, memoryPending, type Accounts, type Pending } from 'express-second-factor';
import { MemoryStore, type Store } from 'express-session';
import { openMongo } from './mongo';
import { memoryOutbox, type Outbox } from './outbox';
import { openRedis } from './redis';
import type { Settings } from './settings';
import { memoryUsers, type Users } from './users';

/** What must not be lost: users, their factors, and the demonstration's outbox. */
export interface LastingStores {
  readonly users: Users;
  readonly outbox: Outbox;
  readonly accounts: Accounts;
  close(): Promise<void>;
}

/** What may be lost at the price of signing in again: sessions, and what the second factor keeps beside them. */
export interface PassingStores {
  readonly sessions: Store;
  readonly pending: Pending;
  close(): Promise<void>;
}

export type Stores = LastingStores & PassingStores;

/** MongoDB and Redis where the environment names them, each on its own; memory otherwise. */
export async function openStores({
  mongoUri,
  redisUrl,
}: Pick<Settings, 'mongoUri' | 'redisUrl'>): Promise<Stores> {
  const lasting = mongoUri === undefined ? lastingInMemory() : await openMongo(mongoUri);
  try {
    const passing = redisUrl === undefined ? passingInMemory() : await openRedis(redisUrl);
    const close = async () => void (await Promise.allSettled([lasting.close(), passing.close()]));
    return { ...lasting, ...passing, close };
  } catch (error) {
    await lasting.close();
    throw error;
  }
}

const lastingInMemory = (): LastingStores => ({
  users: memoryUsers(),
  outbox: memoryOutbox(),
  accounts: memoryAccounts(),
  close: () => Promise.resolve(),
});

/** express-session's MemoryStore grows with every session and knows one process: right for a demonstration only. */
const passingInMemory = (): PassingStores => ({
  sessions: new MemoryStore(),
  pending: memoryPending(),
  close: () => Promise.resolve(),
});
