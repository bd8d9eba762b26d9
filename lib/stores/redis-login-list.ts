import type { Login, LoginKey, UserKey } from './contracts';
import { readComplete, readNote, writeNote } from './login-record';
import { MOST_LOGINS, NOTE_LIFE } from './pending-rules';
import { lastResult, type RedisClient } from './redis-client';
import { readInteger } from './redis-integer';
import { redisScript } from './redis-scripts';

/**
 * Puts a note in the place of a record. It is a script because looking and writing must be one step: of any number that
 * replace a record one finds it, and a note is never written over by another.
 */
const replace = redisScript(`
local there = redis.call('GET', KEYS[1])
if not there or string.sub(there, 1, 1) == '>' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/**
 * The login records. The complete logins of each user: a sorted set of their keys, by the time of the login. It may name dead ones;
 * the records decide who is alive.
 */
export class RedisLoginList {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    private readonly loginLife: number,
  ) {}

  recordAt(key: LoginKey): string {
    return `${this.prefix}login:${key}`;
  }

  async isThere(key: LoginKey): Promise<boolean> {
    const start = await this.client.getrange(this.recordAt(key), 0, 0);
    return start !== '' && readNote(start) === null;
  }

  /** @returns whether it was there */
  async replace(key: LoginKey, next: LoginKey): Promise<boolean> {
    const at = this.recordAt(key);
    return readInteger(await replace(this.client, at, writeNote(next), NOTE_LIFE)) === 1;
  }

  /** @returns whether it was there, or what replaced it */
  async remove(key: LoginKey): Promise<boolean> {
    const text = await this.client.getdel(this.recordAt(key));
    const next = readNote(text);
    return next === null ? text !== null : this.remove(next);
  }

  /** Names a login in the list, in one batch; in up to two more when too many are named, so the oldest goes. */
  async add(
    user: UserKey,
    key: LoginKey,
    since: number,
    life: number,
    replaces: LoginKey | null,
  ): Promise<void> {
    const list = this.listAt(user);
    const change = this.client.multi().zadd(list, since, key);
    if (replaces !== null) change.zrem(list, replaces);
    change.pexpire(list, Math.max(life, this.loginLife)).zrange(list, 0, '-1');
    const named = asKeys(await lastResult(change));
    if (named.length > MOST_LOGINS) await this.prune(list, named, key);
  }

  /** Those alive, oldest first, in two batches. */
  async read(user: UserKey): Promise<{ key: LoginKey; login: Login }[]> {
    const named = asKeys(await this.client.zrange(this.listAt(user), 0, '-1'));
    const records = await Promise.all(named.map((key) => this.client.get(this.recordAt(key))));
    return named.flatMap((key, index) => {
      const login = readComplete(records[index] ?? null);
      return login === null ? [] : [{ key, login }];
    });
  }

  private async prune(list: string, named: readonly LoginKey[], newest: LoginKey): Promise<void> {
    const there = await Promise.all(named.map((key) => this.isThere(key)));
    const dead = named.filter((_, index) => !there[index]);
    const alive = named.filter((key, index) => there[index] && key !== newest);
    const tooMany = alive.slice(0, Math.max(0, alive.length + 1 - MOST_LOGINS));
    const gone = [...dead, ...tooMany];
    await Promise.all([
      ...tooMany.map((key) => this.client.del(this.recordAt(key))),
      ...(gone.length > 0 ? [this.client.zrem(list, ...gone)] : []),
    ]);
  }

  private listAt(user: UserKey): string {
    return `${this.prefix}logins:${user}`;
  }
}

function asKeys(value: unknown): LoginKey[] {
  return Array.isArray(value) ? value.filter((item): item is LoginKey => typeof item === 'string') : [];
}
