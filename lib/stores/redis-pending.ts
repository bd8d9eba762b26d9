import { requireOptions } from '../options/checks';
import { take } from '../options/take';
import type { LoginWithEpoch, Pending } from './contracts';
import { aroundEach } from './pending/around';
import { redisBudgets } from './pending/budgets';
import { RedisCodes } from './pending/codes';
import { readEpoch, RedisEpochs } from './pending/epochs';
import { loginLifeOf, RedisLogins } from './pending/logins';
import { refuseReplicas, requireClient, type RedisClient } from './pending/redis-client';
import { warnOfForgetting } from './pending/redis-warnings';
import { RedisSetups } from './pending/setups';
import { RedisTries } from './pending/tries';
import { pendingDown } from './store-errors';

export interface RedisPendingOptions {
  /** What all keys begin with; `2fa:` by default. */
  readonly prefix?: string;
  /** The option `loginLife` of `secondFactor`, in ms, if it is longer than the default of 30 days. */
  readonly loginLife?: number;
}

/**
 * Pending state in Redis, over the app's own ioredis client (`Redis` or `Cluster`, 5 or 6). Every key expires, and none
 * contains a user id; on a Cluster no command names two keys. The client remains the app's: it is never closed here.
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
  const logins = new RedisLogins(client, prefix, loginLife);
  const epochs = new RedisEpochs(client, prefix);
  const pending = withoutItsErrors(
    {
      logins,
      epochs,
      tries: new RedisTries(client, prefix),
      codes: new RedisCodes(client, prefix),
      budgets: redisBudgets(client, prefix),
      setups: new RedisSetups(client, prefix),
      /** The client is the app's, and nothing else has been opened. */
      close: async () => undefined,
    },
    null,
  );
  // A Cluster may have the two keys on different servers.
  return client.nodes ? pending : { ...pending, together: readTogether(client, logins, epochs, pending) };
}

const textOf = (reply: unknown): string | null => (typeof reply === 'string' ? reply : null);

const readTogether = (
  client: RedisClient,
  logins: RedisLogins,
  epochs: RedisEpochs,
  stores: Pending,
): LoginWithEpoch => ({
  logins: stores.logins,
  epochs: stores.epochs,
  read: (key, user, tell) => {
    const fail = () => tell(pendingDown(), null, null);
    client
      .mget(logins.recordAt(key), epochs.at(user))
      .then(
        (texts: readonly unknown[] | null) =>
          tell(null, logins.loginIn(key, textOf(texts?.[0])), readEpoch(textOf(texts?.[1]))),
        fail,
      );
  },
});

const withoutItsErrors = aroundEach<null>(async (ask) => {
  try {
    return await ask();
  } catch {
    throw pendingDown();
  }
});
