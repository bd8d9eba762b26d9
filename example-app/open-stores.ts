import {
  memoryAccounts,
  memoryActivity,
  memoryAudit,
  memoryPending,
  SecondFactorError,
} from 'express-second-factor';
import { MemoryStore } from 'express-session';
import { DemoClock, memoryAhead } from './demo-clock';
import { StartError } from './errors';
import { openMongo } from './mongo';
import { memoryOutbox } from './outbox';
import { openRedis } from './redis';
import type { Settings } from './settings';
import type { LastingStores, PassingStores, Stores } from './stores';
import { memoryUsers } from './users';

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
