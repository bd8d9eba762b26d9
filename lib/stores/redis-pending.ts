import { requireOptions } from '../options/checks';
import { take } from '../options/take';
import type { Pending } from './contracts';
import { aroundEach } from './pending/around';
import { redisBudgets } from './pending/budgets';
import { RedisCodes } from './pending/codes';
import { RedisEpochs } from './pending/epochs';
import { loginLifeOf, RedisLogins } from './pending/logins';
import { refuseReplicas, requireClient, type RedisClient } from './pending/redis-client';
import { warnOfForgetting } from './pending/redis-warnings';
import { RedisSetups } from './pending/setups';
import { RedisTries } from './pending/tries';
import { pendingDown } from './store-errors';

export interface RedisPendingOptions {
  /** What all keys begin with; `2fa:` unless told otherwise. */
  readonly prefix?: string;
  /** The option `loginLife` of `secondFactor`, in ms, where that is longer than its 30 days. */
  readonly loginLife?: number;
}

/**
 * Pending state in Redis, over the app's own ioredis client (`Redis` or `Cluster`, 5 or 6). Every key expires,
 * no user id is in a key, and no command names two keys. The client stays the app's: it is never closed here.
 *
 * @example
 * redisPending(new Redis({ enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 2000 }))
 */
export function redisPending(client: RedisClient, options: RedisPendingOptions = {}): Pending {
  requireClient(client);
  refuseReplicas(client);
  requireOptions('redisPending', options);
  const prefix = take('redisPending.prefix', options.prefix);
  const loginLife = loginLifeOf('redisPending.loginLife', options);
  warnOfForgetting(client);
  return withoutItsErrors(
    {
      logins: new RedisLogins(client, prefix, loginLife),
      epochs: new RedisEpochs(client, prefix),
      tries: new RedisTries(client, prefix),
      codes: new RedisCodes(client, prefix),
      budgets: redisBudgets(client, prefix),
      setups: new RedisSetups(client, prefix),
      /** The client is the app's, and nothing else was opened. */
      close: async () => undefined,
    },
    null,
  );
}

const withoutItsErrors = aroundEach<null>(async (ask) => {
  try {
    return await ask();
  } catch {
    throw pendingDown();
  }
});
