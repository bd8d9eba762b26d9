import { RedisStore } from 'connect-redis';
import { redisPending } from 'express-second-factor/redis';
import { Redis } from 'ioredis';
import { DeadlineStore } from './deadline-store';
import { reasonOf, withDeadline } from './deadline';
import { StartError } from './errors';
import { placeOf } from './place-of';
import type { PassingStores } from './stores';
import { watchConnection } from './watch-connection';

const START_LIMIT = 5_000;
const AGE_LIMIT = 10_000;

const SECOND_FACTOR = 'webadmin:2fa:';

/** What may be lost at the cost of signing in again, in Redis. */
export async function openRedis(url: string): Promise<PassingStores> {
  const redis = await connect(url);
  const unwatch = watchConnection('Redis', redis, { lost: 'close', back: 'ready' });
  return {
    sessions: new DeadlineStore('Redis', new RedisStore({ client: redis, prefix: 'webadmin:session:' })),
    pending: redisPending(redis, { prefix: SECOND_FACTOR }),
    age: (ms) => withDeadline('Redis', () => ageKeys(redis, ms), AGE_LIMIT),
    close: () => {
      unwatch();
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    // With ioredis' defaults a request hangs for as long as Redis is away.
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (tries) => Math.min(tries * 100, 1_000),
  });
  let last: unknown;
  redis.on('error', (error: unknown) => {
    last = error;
  });
  try {
    await withDeadline('Redis', () => redis.connect(), START_LIMIT);
  } catch (error) {
    redis.disconnect();
    const reason = reasonOf(last ?? error);
    throw new StartError(`${placeOf('Redis', url)} can't be used: ${reason}. Start it, or unset REDIS_URL.`);
  }
  return redis;
}

/** How many keys are looked at in one step. */
const STEP = 500;

/** Redis deletes a key whose time is not positive. */
const AGE = `
for _, key in ipairs(KEYS) do
  local left = redis.call('PTTL', key)
  if left > 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end
end`;

/**
 * Limits and tries have no time of their own, only that of their keys, and Redis goes by the real one. Sessions are left
 * alone: what ends them is the login in them.
 */
async function ageKeys(redis: Redis, ms: number): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${SECOND_FACTOR}*`, 'COUNT', STEP);
    if (keys.length > 0) await redis.eval(AGE, keys.length, ...keys, ms);
    cursor = next;
  } while (cursor !== '0');
}
