import type { TryStore } from '../contracts';
import { ExpiringMap, wholeMs } from './expiring-map';
import { integerAt, lastResult, readInteger, type RedisClient } from './redis-client';

/** Try counters. The life of a counter starts when it is created. */
export class MemoryTries implements TryStore {
  private readonly counters: ExpiringMap<string, number>;

  constructor(now: () => number) {
    this.counters = new ExpiringMap(now);
  }

  async count(id: string, life: number): Promise<number> {
    return this.add(id, 1, life);
  }

  async takeBack(id: string, life: number): Promise<void> {
    this.add(id, -1, life);
  }

  async read(id: string): Promise<{ count: number; left: number }> {
    const count = this.counters.get(id) ?? 0;
    return { count, left: count === 0 ? 0 : this.counters.left(id) };
  }

  private add(id: string, by: 1 | -1, life: number): number {
    const count = Math.max(0, (this.counters.get(id) ?? 0) + by);
    if (this.counters.has(id)) this.counters.change(id, count);
    else this.counters.set(id, count, life);
    return count;
  }
}

/**
 * Unsigned and saturating: taking one back from 0 leaves 0, without a script. BITFIELD replies with one number per
 * subcommand.
 */
const COUNTER = 'u32';

/** Each counter is created with its expiry, in one transaction, so none can stay for ever. */
export class RedisTries implements TryStore {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  count(id: string, life: number): Promise<number> {
    return this.add(id, 1, life);
  }

  async takeBack(id: string, life: number): Promise<void> {
    await this.add(id, -1, life);
  }

  async read(id: string): Promise<{ count: number; left: number }> {
    const key = this.at(id);
    const [counter, life] = await Promise.all([
      this.client.bitfield(key, 'GET', COUNTER, 0),
      this.client.pttl(key),
    ]);
    const left = readInteger(life);
    const count = left > 0 ? integerAt(counter, 0) : 0;
    return { count, left: count === 0 ? 0 : left };
  }

  private async add(id: string, by: 1 | -1, life: number): Promise<number> {
    const key = this.at(id);
    const change = this.client
      .multi()
      .set(key, '', 'PX', wholeMs(life), 'NX')
      .bitfield(key, 'OVERFLOW', 'SAT', 'INCRBY', COUNTER, 0, by);
    return integerAt(await lastResult(change), 0);
  }

  private at(id: string): string {
    return `${this.prefix}tries:${id}`;
  }
}
