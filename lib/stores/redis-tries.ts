import { wholeMs } from './pending-rules';
import { lastResult, type RedisClient } from './redis-client';
import { integerAt, readInteger } from './redis-integer';

/**
 * Bits of a counter. Unsigned and saturating: taking one back from 0 leaves 0, without a script. BITFIELD answers with one
 * number for each thing asked.
 */
const COUNTER = 'u32';

/** Try counters. Each is made with its expiry, in one transaction, so none can stay for ever. */
export class RedisTries {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** Adds to a counter and returns it. Its life starts when it is made. */
  async add(id: string, by: 1 | -1, life: number): Promise<number> {
    const key = this.at(id);
    const change = this.client
      .multi()
      .set(key, '', 'PX', wholeMs(life), 'NX')
      .bitfield(key, 'OVERFLOW', 'SAT', 'INCRBY', COUNTER, 0, by);
    return integerAt(await lastResult(change), 0);
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

  private at(id: string): string {
    return `${this.prefix}tries:${id}`;
  }
}
