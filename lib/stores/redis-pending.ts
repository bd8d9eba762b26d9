import type { EpochNumber, Login, LoginKey, Pending, UserKey } from './contracts';
import { readRecord, writeRecord } from './login-record';
import { LOGIN_LIFE, wholeMs } from './pending-rules';
import { refuseReplicas, type RedisClient } from './redis-client';
import { RedisEpochs } from './redis-epochs';
import { RedisLoginList } from './redis-login-list';
import { RedisSetups } from './redis-setups';
import { RedisTries } from './redis-tries';
import { pendingDown } from './unavailable';

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
  refuseReplicas(client);
  return new RedisPending(client, options.prefix ?? '2fa:', options.loginLife ?? LOGIN_LIFE);
}

/** Commands sent together, in one tick, are one round trip; no pipeline, as a Cluster's may not span slots. */
class RedisPending implements Pending {
  private readonly list: RedisLoginList;
  private readonly epochs: RedisEpochs;
  private readonly tries: RedisTries;
  private readonly setups: RedisSetups;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    loginLife: number,
  ) {
    this.list = new RedisLoginList(client, prefix, loginLife);
    this.epochs = new RedisEpochs(client, prefix);
    this.tries = new RedisTries(client, prefix);
    this.setups = new RedisSetups(client, prefix);
  }

  async readLogin(
    key: LoginKey,
    user: UserKey | null,
    slideTo: number | null,
  ): Promise<{ login: Login | null; epoch: EpochNumber }> {
    const at = this.list.recordAt(key);
    const [record, epoch] = await answered(() =>
      Promise.all([
        slideTo === null ? this.client.get(at) : this.client.getex(at, 'PX', wholeMs(slideTo)),
        user === null ? null : this.epochs.read(user),
      ]),
    );
    return { login: readRecord(record), epoch };
  }

  async writeLogin(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<void> {
    const ms = wholeMs(life);
    const replaced = replaces === key ? null : replaces;
    await answered(() =>
      Promise.all([
        this.client.set(this.list.recordAt(key), writeRecord(login), 'PX', ms),
        replaced && this.client.del(this.list.recordAt(replaced)),
        login.state !== 'owed' && this.list.add(user, key, login.since, ms, replaced),
      ]),
    );
  }

  async hasLogin(key: LoginKey): Promise<boolean> {
    return (await answered(() => this.client.exists(this.list.recordAt(key)))) === 1;
  }

  async removeLogin(key: LoginKey): Promise<void> {
    await answered(() => this.client.del(this.list.recordAt(key)));
  }

  listLogins(user: UserKey): Promise<readonly { readonly key: LoginKey; readonly login: Login }[]> {
    return answered(() => this.list.read(user));
  }

  raiseEpoch(user: UserKey, epoch: number): Promise<void> {
    return answered(() => this.epochs.raise(user, epoch));
  }

  async suspendEpoch(user: UserKey): Promise<void> {
    await answered(() => this.epochs.suspend(user));
  }

  countTry(id: string, life: number): Promise<number> {
    return answered(() => this.tries.add(id, 1, life));
  }

  async returnTry(id: string, life: number): Promise<void> {
    await answered(() => this.tries.add(id, -1, life));
  }

  readTries(id: string): Promise<{ count: number; left: number }> {
    return answered(() => this.tries.read(id));
  }

  putSetup(id: string, value: string, life: number): Promise<string> {
    return answered(() => this.setups.put(id, value, wholeMs(life)));
  }

  getSetup(id: string): Promise<string | null> {
    return answered(() => this.setups.get(id));
  }

  async removeSetup(id: string): Promise<void> {
    await answered(() => this.setups.remove(id));
  }

  /** The client is the app's, and nothing else was opened. */
  async close(): Promise<void> {}
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    throw pendingDown();
  }
}
