import type { SentCode } from './contracts';
import { MOST_CODES, wholeMs } from './pending-rules';
import { lastResult, type RedisClient } from './redis-client';
import { readCodes, writeCode } from './sent-code';

/** Codes that were sent: of each id a sorted set, by when they were issued. */
export class RedisCodes {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** In one transaction, so that none can stay for ever. */
  put(id: string, code: SentCode, life: number): Promise<unknown> {
    const key = this.at(id);
    const change = this.client
      .multi()
      .zadd(key, code.issuedAt, writeCode(code))
      .zremrangebyrank(key, 0, -MOST_CODES - 1)
      .pexpire(key, wholeMs(life));
    return lastResult(change);
  }

  async read(id: string): Promise<SentCode[]> {
    const oldestFirst = await this.client.zrange(this.at(id), 0, '-1');
    return readCodes(oldestFirst.toReversed());
  }

  remove(id: string, code: SentCode): Promise<unknown> {
    return this.client.zrem(this.at(id), writeCode(code));
  }

  private at(id: string): string {
    return `${this.prefix}codes:${id}`;
  }
}
