import type { SetupStore } from '../contracts';
import { ExpiringMap, wholeMs } from './expiring-map';
import type { RedisClient } from './redis-client';

/** Set-ups in progress. When several are put at once, everyone gets the first. */
export class MemorySetups implements SetupStore {
  private readonly values: ExpiringMap<string, string>;

  constructor(now: () => number) {
    this.values = new ExpiringMap(now);
  }

  async put(id: string, value: string, life: number): Promise<string> {
    const there = this.values.get(id);
    if (there !== null) return there;
    this.values.set(id, value, life);
    return value;
  }

  async get(id: string): Promise<string | null> {
    return this.values.get(id);
  }

  async remove(id: string): Promise<void> {
    this.values.delete(id);
  }
}

export class RedisSetups implements SetupStore {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** What was there may expire between the two commands; then there is room for ours. */
  async put(id: string, value: string, life: number): Promise<string> {
    const key = this.at(id);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const [, there] = await Promise.all([
        this.client.set(key, value, 'PX', wholeMs(life), 'NX'),
        this.client.get(key),
      ]);
      if (there !== null) return there;
    }
    throw new Error('the value did not stay');
  }

  get(id: string): Promise<string | null> {
    return this.client.get(this.at(id));
  }

  async remove(id: string): Promise<void> {
    await this.client.del(this.at(id));
  }

  private at(id: string): string {
    return `${this.prefix}setup:${id}`;
  }
}
