import type { EpochNumber, UserKey } from './contracts';
import { EPOCH_LIFE, SUSPENSION_LIFE } from './pending-rules';
import type { RedisClient } from './redis-client';
import { raise } from './redis-scripts';

/** The cached epoch number of each active user. */
export class RedisEpochs {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  async read(user: UserKey): Promise<EpochNumber> {
    const text = await this.client.get(this.at(user));
    if (text === '?') return '?';
    return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null;
  }

  raise(user: UserKey, epoch: number): Promise<void> {
    return raise(this.client, this.at(user), epoch, EPOCH_LIFE);
  }

  suspend(user: UserKey): Promise<unknown> {
    return this.client.set(this.at(user), '?', 'PX', SUSPENSION_LIFE);
  }

  private at(user: UserKey): string {
    return `${this.prefix}epoch:${user}`;
  }
}
