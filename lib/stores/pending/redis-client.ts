import { createHash } from 'node:crypto';
import { SecondFactorError } from '../../errors';
import { bad, isObject } from '../../options/checks';
import { cureOf } from '../../options/table';
import { errorText } from '../store-errors';

/** A number in a reply: a string where the app's client has `stringNumbers`. */
export type RedisInteger = number | string;

/**
 * What we need of the Redis client: the `Redis` and `Cluster` of ioredis 5 and 6 have it. Redis itself has to be 6.2 or
 * newer, or a compatible server.
 */
export interface RedisClient extends RedisNode {
  get(key: string): Promise<string | null>;
  mget(...keys: string[]): Promise<(string | null)[]>;
  getex(key: string, px: 'PX', life: number): Promise<string | null>;
  set(key: string, value: string, px: 'PX', life: number): Promise<unknown>;
  set(key: string, value: string, px: 'PX', life: number, nx: 'NX'): Promise<unknown>;
  getdel(key: string): Promise<string | null>;
  getrange(key: string, start: number, end: number): Promise<string>;
  del(key: string): Promise<RedisInteger>;
  pttl(key: string): Promise<RedisInteger>;
  bitfield(key: string, get: 'GET', type: string, offset: number): Promise<unknown>;
  zrange(key: string, start: number, stop: string): Promise<string[]>;
  zrem(key: string, ...members: string[]): Promise<unknown>;
  evalsha(digest: string, keys: number, key: string, ...args: (string | number)[]): Promise<unknown>;
  eval(script: string, keys: number, key: string, ...args: (string | number)[]): Promise<unknown>;
  multi(): RedisTransaction;
  readonly options: object;
  readonly status?: string;
  once?(event: 'ready', listener: () => void): unknown;
  /** Only a Cluster has it. */
  nodes?(role: 'master'): readonly RedisNode[];
}

/** A single server, which can be asked about itself. */
export interface RedisNode {
  info?(section: string): Promise<unknown>;
}

/** Commands that Redis runs with nothing between them. Ours name only one key. */
export interface RedisTransaction {
  set(key: string, value: string, px: 'PX', life: number, nx: 'NX'): RedisTransaction;
  bitfield(
    key: string,
    overflow: 'OVERFLOW',
    saturate: 'SAT',
    increase: 'INCRBY',
    type: string,
    offset: number,
    by: number,
  ): RedisTransaction;
  zadd(key: string, score: number, member: string): RedisTransaction;
  zrem(key: string, member: string): RedisTransaction;
  zrange(key: string, start: number, stop: string): RedisTransaction;
  zremrangebyrank(key: string, start: number, stop: number): RedisTransaction;
  pexpire(key: string, life: number): RedisTransaction;
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** Runs the transaction and returns what its last command did. */
export async function lastResult(transaction: RedisTransaction): Promise<unknown> {
  const results = (await transaction.exec()) ?? [];
  const failed = results.find(([error]) => error !== null);
  if (failed !== undefined || results.length === 0)
    throw failed?.[0] ?? new Error('the transaction was not run');
  return results.at(-1)?.[1];
}

/** As ioredis names them; node-redis spells or calls some of these differently. */
const COMMANDS = ['get', 'mget', 'getex', 'set', 'del', 'pttl', 'zrange', 'evalsha', 'multi'] as const;

export function requireClient(client: unknown): void {
  if (client === undefined) throw bad('redisPending() got undefined for a client.', cureOf('redisPending'));
  const isClient =
    isObject(client) &&
    isObject(Reflect.get(client, 'options')) &&
    COMMANDS.every((name) => typeof Reflect.get(client, name) === 'function');
  if (!isClient) throw bad('redisPending() got no client of ioredis.', cureOf('redisPending'));
}

/** The number in a reply. Anything else is a failure, not a count. */
export function readInteger(reply: unknown): number {
  if (typeof reply === 'number' && Number.isSafeInteger(reply)) return reply;
  if (typeof reply === 'string' && /^-?\d{1,15}$/.test(reply)) return Number(reply);
  throw new Error('not a number');
}

/** One of the numbers in a reply. */
export const integerAt = (reply: unknown, index: number): number =>
  readInteger(Array.isArray(reply) ? reply[index] : null);

type Run = (client: RedisClient, key: string, ...args: readonly (number | string)[]) => Promise<unknown>;

/** A script on one key. Its source is sent only to a server that does not have it yet. */
export function redisScript(text: string): Run {
  const digest = createHash('sha1').update(text).digest('hex');
  return async (client, key, ...args) => {
    try {
      return await client.evalsha(digest, 1, key, ...args);
    } catch (error) {
      if (!errorText(error).startsWith('NOSCRIPT')) throw error;
      return client.eval(text, 1, key, ...args);
    }
  };
}

export function refuseReplicas(client: RedisClient): void {
  if (!('scaleReads' in client.options) || client.options.scaleReads === 'master') return;
  throw new SecondFactorError(
    'bad_option',
    'redisPending was given a cluster client that reads from replicas.',
    "Give it a client of its own with scaleReads: 'master'. A lagging replica shows ended logins as still active.",
  );
}
