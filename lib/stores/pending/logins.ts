import { bad, number } from '../../options/checks';
import { cureOf, table } from '../../options/table';
import type { Login, LoginKey, LoginStore, UserKey } from '../contracts';
import { ExpiringMap, wholeMs } from './expiring-map';
import { readComplete, readNote, RecordReader, withLastAt, writeNote, writeRecord } from './login-record';
import { lastResult, readInteger, redisScript, type RedisClient } from './redis-client';

/** How many complete logins a user may have; the next one pushes out the oldest. */
const MOST_LOGINS = 50;
/** How long we know where a login continued: longer than two requests can overlap. */
const NOTE_LIFE = 120_000;

/**
 * The absolute life of a login, as given to a store: a user's list of logins must not expire before any of them. An
 * invalid one would make keys that never expire, or that are gone at once.
 */
export function loginLifeOf(
  option: 'memoryPending.loginLife' | 'redisPending.loginLife',
  { loginLife = table[option].fallback }: { loginLife?: number },
): number {
  const life = number(option, loginLife, cureOf(option));
  if (life > 0 && Number.isFinite(life)) return life;
  throw bad(`${option} is out of range.`, cureOf(option));
}

/** Login records, and a list of each user's. */
export class MemoryLogins implements LoginStore {
  /** As text, as in Redis: readers get a copy, and the same copy that Redis would give. */
  private readonly records: ExpiringMap<LoginKey, string>;
  private readonly reader = new RecordReader();
  private readonly loginsOf: ExpiringMap<UserKey, ReadonlyMap<LoginKey, number>>;

  constructor(
    now: () => number,
    private readonly loginLife: number,
  ) {
    this.records = new ExpiringMap(now);
    this.loginsOf = new ExpiringMap(now);
  }

  async read(key: LoginKey, slideTo: number | null, usedAt?: number): Promise<Login | null> {
    if (slideTo !== null && usedAt === undefined) this.records.slide(key, slideTo);
    if (slideTo !== null && usedAt !== undefined) this.use(key, slideTo, usedAt);
    return this.reader.read(key, this.records.get(key));
  }

  async write(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    const wasThere = replaces !== null && replaces !== key && this.isThere(replaces);
    if (wasThere) this.records.set(replaces, writeNote(key), NOTE_LIFE);
    this.records.set(key, writeRecord(login), life);
    if (login.state !== 'owed') this.name(user, key, login.since, life);
    return wasThere;
  }

  async has(key: LoginKey): Promise<boolean> {
    return this.isThere(key);
  }

  async remove(key: LoginKey): Promise<boolean> {
    const next = readNote(this.records.get(key));
    const wasThere = this.records.delete(key);
    return next === null ? wasThere : this.remove(next);
  }

  async list(user: UserKey): Promise<{ key: LoginKey; login: Login }[]> {
    return this.living(user).flatMap(([key]) => {
      const login = readComplete(this.records.get(key));
      return login === null ? [] : [{ key, login }];
    });
  }

  private use(key: LoginKey, slideTo: number, usedAt: number): void {
    const text = withLastAt(this.records.get(key), usedAt);
    if (text !== null) this.records.set(key, text, slideTo);
  }

  private isThere(key: LoginKey): boolean {
    const text = this.records.get(key);
    return text !== null && readNote(text) === null;
  }

  private name(user: UserKey, key: LoginKey, since: number, life: number): void {
    const others = this.living(user).filter(([other]) => other !== key);
    const tooMany = others.splice(0, Math.max(0, others.length + 1 - MOST_LOGINS));
    for (const [oldest] of tooMany) this.records.delete(oldest);
    this.loginsOf.set(user, new Map([...others, [key, since]]), Math.max(life, this.loginLife));
  }

  /** The listed logins that have not expired, oldest first. */
  private living(user: UserKey): [LoginKey, number][] {
    const listed = [...(this.loginsOf.get(user) ?? [])];
    return listed.filter(([key]) => this.isThere(key)).toSorted(([, one], [, other]) => one - other);
  }
}

/**
 * Puts a note in the place of a record. It is a script because checking and writing must be one step: of any number of
 * calls that replace a record only one finds it, and no note overwrites another.
 */
const replace = redisScript(`
local there = redis.call('GET', KEYS[1])
if not there or string.sub(there, 1, 1) == '>' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/**
 * Slides a record and says in it when it was used. It is a script because reading and writing must be one step: a record
 * that is removed or replaced in between must not come back.
 */
const use = redisScript(`
local text = redis.call('GET', KEYS[1])
if not text or not string.find(text, '^{.*}$') then return text end
text = string.gsub(string.sub(text, 1, -2), ',"lastAt":%d+$', '') .. ',"lastAt":' .. ARGV[2] .. '}'
redis.call('SET', KEYS[1], text, 'PX', ARGV[1])
return text`);

/**
 * The complete logins of each user are a sorted set of their keys, ordered by the time of the login. It may name
 * expired ones; the records decide which are alive. Commands sent in one tick share a round trip; there is no pipeline,
 * as a Cluster's may not span slots.
 */
export class RedisLogins implements LoginStore {
  private readonly reader = new RecordReader();

  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    private readonly loginLife: number,
  ) {}

  async read(key: LoginKey, slideTo: number | null, usedAt?: number): Promise<Login | null> {
    const at = this.recordAt(key);
    if (slideTo === null) return this.loginIn(key, await this.client.get(at));
    const life = wholeMs(slideTo);
    if (usedAt === undefined) return this.loginIn(key, await this.client.getex(at, 'PX', life));
    const text = await use(this.client, at, life, usedAt);
    return this.loginIn(key, typeof text === 'string' ? text : null);
  }

  /** The login in the text of this record. */
  loginIn(key: LoginKey, text: string | null): Login | null {
    return this.reader.read(key, text);
  }

  async write(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    const ms = wholeMs(life);
    const replaced = replaces === key ? null : replaces;
    const written = Promise.all([
      this.client.set(this.recordAt(key), writeRecord(login), 'PX', ms),
      login.state !== 'owed' && this.name(user, key, login.since, ms, replaced),
    ]);
    // Whoever reads the note removes the record, so the record has to exist by then. Only a single server keeps the
    // order by itself.
    if (this.client.nodes) await written;
    const [, wasThere] = await Promise.all([written, replaced !== null && this.replace(replaced, key)]);
    return wasThere;
  }

  async has(key: LoginKey): Promise<boolean> {
    const start = await this.client.getrange(this.recordAt(key), 0, 0);
    return start !== '' && readNote(start) === null;
  }

  async remove(key: LoginKey): Promise<boolean> {
    const text = await this.client.getdel(this.recordAt(key));
    const next = readNote(text);
    return next === null ? text !== null : this.remove(next);
  }

  /** In two batches. */
  async list(user: UserKey): Promise<{ key: LoginKey; login: Login }[]> {
    const named = asKeys(await this.client.zrange(this.listAt(user), 0, '-1'));
    const records = await Promise.all(named.map((key) => this.client.get(this.recordAt(key))));
    return named.flatMap((key, index) => {
      const login = readComplete(records[index] ?? null);
      return login === null ? [] : [{ key, login }];
    });
  }

  /** @returns whether it was there */
  private async replace(key: LoginKey, next: LoginKey): Promise<boolean> {
    const at = this.recordAt(key);
    return readInteger(await replace(this.client, at, writeNote(next), NOTE_LIFE)) === 1;
  }

  /** Adds a login to the list, in one batch; in up to two more when the list is too long, to remove the oldest. */
  private async name(
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

  private async prune(list: string, named: readonly LoginKey[], newest: LoginKey): Promise<void> {
    const there = await Promise.all(named.map((key) => this.has(key)));
    const dead = named.filter((_, index) => !there[index]);
    const alive = named.filter((key, index) => there[index] && key !== newest);
    const tooMany = alive.slice(0, Math.max(0, alive.length + 1 - MOST_LOGINS));
    const gone = [...dead, ...tooMany];
    await Promise.all([
      ...tooMany.map((key) => this.client.del(this.recordAt(key))),
      ...(gone.length > 0 ? [this.client.zrem(list, ...gone)] : []),
    ]);
  }

  recordAt(key: LoginKey): string {
    return `${this.prefix}login:${key}`;
  }

  private listAt(user: UserKey): string {
    return `${this.prefix}logins:${user}`;
  }
}

function asKeys(value: unknown): LoginKey[] {
  return Array.isArray(value) ? value.filter((item): item is LoginKey => typeof item === 'string') : [];
}
