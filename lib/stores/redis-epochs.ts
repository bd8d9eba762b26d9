import type { EpochNumber, UserKey } from './contracts';
import { EPOCH_LIFE, SUSPENSION_LIFE } from './pending-rules';
import type { RedisClient } from './redis-client';
import { redisScript } from './redis-scripts';

/**
 * Sets the number only where it is greater than the one there, and never over a `?` (then an epoch is being
 * changed). It is a script because reading and setting must be one step: otherwise a slow reader that asked the
 * account before the change could write the old number over the new one.
 */
const raise = redisScript(`
local there = redis.call('GET', KEYS[1])
if there == '?' then return 0 end
if there and string.match(there, '^%d+$') and tonumber(there) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** The cached epoch number of each active user. */
export class RedisEpochs {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** As text, for `readEpoch`. */
  read(user: UserKey): Promise<string | null> {
    return this.client.get(this.at(user));
  }

  raise(user: UserKey, epoch: number): Promise<unknown> {
    return raise(this.client, this.at(user), epoch, EPOCH_LIFE);
  }

  suspend(user: UserKey): Promise<unknown> {
    return this.client.set(this.at(user), '?', 'PX', SUSPENSION_LIFE);
  }

  private at(user: UserKey): string {
    return `${this.prefix}epoch:${user}`;
  }
}

/** What such a text says; anything else than a number or `?` says nothing. */
export function readEpoch(text: string | null): EpochNumber {
  if (text === '?') return '?';
  return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
