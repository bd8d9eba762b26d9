import { randomBytes } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5';
import { redisPending } from '../../lib/stores/redis-pending';
import { USER_ID, type PendingSubject } from '../contracts/pending.contract';

export type AnyClient = Redis | Redis5 | Cluster | Cluster5;

export interface RedisSubject extends PendingSubject {
  readonly prefix: string;
  /** All keys of this subject, on whichever node. */
  keys(): Promise<string[]>;
}

/** Pending state under a prefix of its own, which is empty again after `close`. */
export function redisSubject(client: AnyClient): RedisSubject {
  const prefix = `2fa:${randomBytes(6).toString('hex')}:`;
  const keys = (): Promise<string[]> => keysUnder(client, prefix);
  return {
    pending: redisPending(client, { prefix }),
    prefix,
    keys,
    pass: async (ms) => {
      await Promise.all((await keys()).map((key) => age(client, key, ms)));
    },
    close: async () => {
      const left = await keys();
      const lives = await Promise.all(left.map((key) => client.pttl(key)));
      await Promise.all(left.map((key) => client.del(key)));
      // Design: every key in Redis has an expiry, and no user id is in a key.
      expect(left.filter((_, index) => Number(lives[index]) === -1)).toEqual([]);
      expect(left.filter((key) => key.includes(USER_ID))).toEqual([]);
    },
  };
}

/** Time itself can't be moved in Redis; what a key has left can. */
async function age(client: AnyClient, key: string, ms: number): Promise<void> {
  const left = await client.pttl(key);
  if (left >= 0) await client.pexpire(key, left - ms);
}

async function keysUnder(client: AnyClient, prefix: string): Promise<string[]> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client];
  const found = await Promise.all(nodes.map((node) => scan(node, prefix)));
  return found.flat();
}

async function scan(node: Redis | Redis5, prefix: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}
