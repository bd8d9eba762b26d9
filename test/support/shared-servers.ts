import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMongoServer, findTool } from './find-tool';
import { onDeath } from './on-death';
import type { OwnServer } from './own-server';
import { startMongo } from './start-mongo';
import { startRedis } from './start-redis';

const running: OwnServer[] = [];

/** Starts what test files share, and puts its URLs into the environment that they inherit. */
export default async function startShared(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'second-factor-test-'));
  process.env.TEST_DIR = dir;
  // The servers die first (own-process.ts), so they no longer write to it.
  onDeath('sleep 1; rm -rf "$1"', dir);
  try {
    await Promise.all([shareRedis(), shareMongo()]);
  } catch (error) {
    await stopShared();
    throw error;
  }
}

export async function stopShared(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  const dir = process.env.TEST_DIR;
  if (dir) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

async function shareRedis(): Promise<void> {
  delete process.env.TEST_REDIS_URL;
  if (findTool('redis-server') === undefined) return;
  const redis = await startRedis();
  running.push(redis);
  process.env.TEST_REDIS_URL = redis.url;
}

async function shareMongo(): Promise<void> {
  delete process.env.TEST_MONGODB_URI;
  if (process.env.MONGODB_URI) {
    process.env.TEST_MONGODB_URI = process.env.MONGODB_URI;
    return;
  }
  if (findMongoServer() === undefined) return;
  const mongo = await startMongo();
  running.push(mongo);
  process.env.TEST_MONGODB_URI = mongo.url;
}
