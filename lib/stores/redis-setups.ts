import type { RedisClient } from './redis-client';

/** Set-ups in progress: of all who put one at once, everybody gets the first. */
export class RedisSetups {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** What was there can go between the two commands: then there is room for ours. */
  async put(id: string, value: string, life: number): Promise<string> {
    const key = this.at(id);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const [, there] = await Promise.all([
        this.client.set(key, value, 'PX', life, 'NX'),
        this.client.get(key),
      ]);
      if (there !== null) return there;
    }
    throw new Error('the value did not stay');
  }

  get(id: string): Promise<string | null> {
    return this.client.get(this.at(id));
  }

  remove(id: string): Promise<unknown> {
    return this.client.del(this.at(id));
  }

  private at(id: string): string {
    return `${this.prefix}setup:${id}`;
  }
}
