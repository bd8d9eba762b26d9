import type { EpochNumber, EpochStore, UserKey } from '../contracts';
import { ExpiringMap } from './expiring-map';
import { redisScript, type RedisClient } from './redis-client';

/** How long the cached epoch number lives, counted from when it was set: nothing extends it. */
const EPOCH_LIFE = 60_000;
/** How long a `?` stays in its place if the process that set it died before it saved. */
const SUSPENSION_LIFE = 120_000;

/** The cached epoch number of each active user. */
export class MemoryEpochs implements EpochStore {
  private readonly numbers: ExpiringMap<UserKey, number | '?'>;

  constructor(now: () => number) {
    this.numbers = new ExpiringMap(now);
  }

  async read(user: UserKey): Promise<EpochNumber> {
    return this.numbers.get(user);
  }

  async raise(user: UserKey, epoch: number): Promise<void> {
    const there = this.numbers.get(user);
    if (there === '?' || (there !== null && there >= epoch)) return;
    this.numbers.set(user, epoch, EPOCH_LIFE);
  }

  async suspend(user: UserKey): Promise<void> {
    this.numbers.set(user, '?', SUSPENSION_LIFE);
  }
}

/**
 * Sets the number only if it is greater than the stored one, and never over a `?` (an epoch is being changed). It is a
 * script because reading and setting must be one step: otherwise a slow reader that asked the account before the change
 * could overwrite the new number with the old one.
 */
const raise = redisScript(`
local there = redis.call('GET', KEYS[1])
if there == '?' then return 0 end
if there and string.match(there, '^%d+$') and tonumber(there) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

export class RedisEpochs implements EpochStore {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  async read(user: UserKey): Promise<EpochNumber> {
    return readEpoch(await this.client.get(this.at(user)));
  }

  async raise(user: UserKey, epoch: number): Promise<void> {
    await raise(this.client, this.at(user), epoch, EPOCH_LIFE);
  }

  async suspend(user: UserKey): Promise<void> {
    await this.client.set(this.at(user), '?', 'PX', SUSPENSION_LIFE);
  }

  at(user: UserKey): string {
    return `${this.prefix}epoch:${user}`;
  }
}

/** Anything but a number or `?` counts as not cached. */
export function readEpoch(text: string | null): EpochNumber {
  if (text === '?') return '?';
  return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
