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

/** What may be lost at the cost of signing in again, in Redis. */
export async function openRedis(url: string): Promise<PassingStores> {
  const redis = await connect(url);
  const unwatch = watchConnection('Redis', redis, { lost: 'close', back: 'ready' });
  return {
    sessions: new DeadlineStore('Redis', new RedisStore({ client: redis, prefix: 'webadmin:session:' })),
    pending: redisPending(redis, { prefix: 'webadmin:2fa:' }),
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
