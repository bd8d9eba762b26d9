import { requireOptions, textOf } from '../options/checks';
import { Budgets } from './budgets';
import type { EpochNumber, Login, LoginKey, Pending, UserKey } from './contracts';
import { readRecord, writeRecord } from './login-record';
import { loginLifeOf, wholeMs } from './pending-rules';
import { addInRedis } from './redis-budgets';
import { refuseReplicas, requireClient, type RedisClient } from './redis-client';
import { RedisCodes } from './redis-codes';
import { readEpoch, RedisEpochs } from './redis-epochs';
import { RedisLoginList } from './redis-login-list';
import { RedisSetups } from './redis-setups';
import { RedisTries } from './redis-tries';
import { warnOfForgetting } from './redis-warnings';
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
  requireClient(client);
  refuseReplicas(client);
  requireOptions('redisPending', options, ['prefix', 'loginLife']);
  const prefix = options.prefix === undefined ? '2fa:' : textOf('redisPending.prefix', options.prefix);
  const loginLife = loginLifeOf('redisPending.loginLife', options);
  warnOfForgetting(client);
  return new RedisPending(client, prefix, loginLife);
}

/** Commands sent together, in one tick, are one round trip; no pipeline, as a Cluster's may not span slots. */
class RedisPending implements Pending {
  private readonly list: RedisLoginList;
  private readonly epochs: RedisEpochs;
  private readonly tries: RedisTries;
  private readonly codes: RedisCodes;
  private readonly budgets: Budgets;
  private readonly setups: RedisSetups;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    loginLife: number,
  ) {
    this.list = new RedisLoginList(client, prefix, loginLife);
    this.epochs = new RedisEpochs(client, prefix);
    this.tries = new RedisTries(client, prefix);
    this.codes = new RedisCodes(client, prefix);
    this.budgets = new Budgets(addInRedis(client, prefix));
    this.setups = new RedisSetups(client, prefix);
  }

  readLogin(
    key: LoginKey,
    user: UserKey | null,
    slideTo: number | null,
  ): Promise<{ login: Login | null; epoch: EpochNumber }> {
    const at = this.list.recordAt(key);
    return answered(async () => {
      const [record, epoch] = await Promise.all([
        slideTo === null ? this.client.get(at) : this.client.getex(at, 'PX', wholeMs(slideTo)),
        user === null ? null : this.epochs.read(user),
      ]);
      return { login: readRecord(record), epoch: readEpoch(epoch) };
    });
  }

  async writeLogin(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    const ms = wholeMs(life);
    const replaced = replaces === key ? null : replaces;
    return answered(async () => {
      const written = Promise.all([
        this.client.set(this.list.recordAt(key), writeRecord(login), 'PX', ms),
        login.state !== 'owed' && this.list.add(user, key, login.since, ms, replaced),
      ]);
      // Whoever reads the note removes the record, so it has to be there. Only one server keeps the order by itself.
      if (this.client.nodes) await written;
      const [, wasThere] = await Promise.all([
        written,
        replaced !== null && this.list.replace(replaced, key),
      ]);
      return wasThere;
    });
  }

  readonly hasLogin: Pending['hasLogin'] = (key) => answered(() => this.list.isThere(key));
  readonly removeLogin: Pending['removeLogin'] = (key) => answered(() => this.list.remove(key));
  readonly listLogins: Pending['listLogins'] = (user) => answered(() => this.list.read(user));

  readonly raiseEpoch: Pending['raiseEpoch'] = (user, epoch) => done(() => this.epochs.raise(user, epoch));
  readonly suspendEpoch: Pending['suspendEpoch'] = (user) => done(() => this.epochs.suspend(user));

  readonly countTry: Pending['countTry'] = (id, life) => answered(() => this.tries.add(id, 1, life));
  readonly returnTry: Pending['returnTry'] = (id, life) => done(() => this.tries.add(id, -1, life));
  readonly readTries: Pending['readTries'] = (id) => answered(() => this.tries.read(id));

  readonly countTryOfCode: Pending['countTryOfCode'] = (tryId, tryLife, codeId) =>
    answered(async () => {
      const [count, codes] = await Promise.all([this.tries.add(tryId, 1, tryLife), this.codes.read(codeId)]);
      return { count, codes };
    });
  readonly putCode: Pending['putCode'] = (id, code, life) => done(() => this.codes.put(id, code, life));
  readonly readCodes: Pending['readCodes'] = (id) => answered(() => this.codes.read(id));
  readonly removeCode: Pending['removeCode'] = (id, code) => done(() => this.codes.remove(id, code));

  readonly takeFrom: Pending['takeFrom'] = (budgets) => answered(() => this.budgets.take(budgets));
  readonly giveBack: Pending['giveBack'] = (budgets) => answered(() => this.budgets.giveBack(budgets));

  readonly putSetup: Pending['putSetup'] = (id, value, life) =>
    answered(() => this.setups.put(id, value, wholeMs(life)));
  readonly getSetup: Pending['getSetup'] = (id) => answered(() => this.setups.get(id));
  readonly removeSetup: Pending['removeSetup'] = (id) => done(() => this.setups.remove(id));

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

async function done(ask: () => Promise<unknown>): Promise<void> {
  await answered(ask);
}
