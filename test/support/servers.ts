import { randomBytes } from 'node:crypto';
import Redis, { type RedisOptions } from 'ioredis';
import mongoose, { type Connection } from 'mongoose';

export type { OwnServer, ServerOptions } from './own-server';
export { startMongo } from './start-mongo';
export { startRedis } from './start-redis';
export { startRedisCluster, type OwnCluster } from './start-redis-cluster';

/** How an app should configure ioredis: with its defaults a request hangs while Redis is down. */
export const REDIS_OPTIONS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: 2_000,
  commandTimeout: 2_000,
} as const satisfies RedisOptions;

/** The Redis that all test files share. Use your own prefix, and never flush it. */
export function redisUrl(): string {
  return fromEnvironment('TEST_REDIS_URL');
}

/** The MongoDB-protocol server that all test files share. Use your own database. */
export function mongoUrl(): string {
  return fromEnvironment('TEST_MONGODB_URI');
}

export interface FreshRedis {
  redis: Redis;
  /** No other test's keys begin with this. */
  prefix: string;
  /** Deletes everything under the prefix and disconnects. */
  close: () => Promise<void>;
}

/** A connected client of the shared Redis (or of `url`) and a key prefix of its own. */
export async function freshRedis(url: string = redisUrl()): Promise<FreshRedis> {
  const redis = new Redis(url, { ...REDIS_OPTIONS, lazyConnect: true });
  // Tests that stop the server see the errors in their own calls.
  redis.on('error', () => undefined);
  await redis.connect();
  const prefix = `t:${randomName()}:`;
  const close = async (): Promise<void> => {
    if (redis.status === 'ready') await removeAll(redis, prefix);
    redis.disconnect();
  };
  return { redis, prefix, close };
}

export interface FreshDatabase {
  connection: Connection;
  /** The name of the database, which no other test uses. */
  name: string;
  /** Drops the database and disconnects. */
  close: () => Promise<void>;
}

/** A mongoose connection to a database of its own on the shared server (or on `url`). */
export async function freshDatabase(url: string = mongoUrl()): Promise<FreshDatabase> {
  const name = `t_${randomName()}`;
  const connection = await mongoose
    .createConnection(url, { dbName: name, serverSelectionTimeoutMS: 5_000 })
    .asPromise();
  const close = async (): Promise<void> => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { connection, name, close };
}

async function removeAll(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 500 })) {
    if (isStrings(keys) && keys.length > 0) await redis.del(keys);
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function randomName(): string {
  return randomBytes(6).toString('hex');
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: is this test inside describeIf(…)?`);
  return value;
}
