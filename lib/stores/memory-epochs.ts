import type { EpochNumber, UserKey } from './contracts';
import { ExpiringMap } from './expiring-map';
import { EPOCH_LIFE, SUSPENSION_LIFE } from './pending-rules';

/** The cached epoch number of each active user. */
export class MemoryEpochs {
  private readonly numbers: ExpiringMap<UserKey, number | '?'>;

  constructor(now: () => number) {
    this.numbers = new ExpiringMap(now);
  }

  read(user: UserKey): EpochNumber {
    return this.numbers.get(user);
  }

  raise(user: UserKey, epoch: number): void {
    const there = this.numbers.get(user);
    if (there === '?' || (there !== null && there >= epoch)) return;
    this.numbers.set(user, epoch, EPOCH_LIFE);
  }

  suspend(user: UserKey): void {
    this.numbers.set(user, '?', SUSPENSION_LIFE);
  }
}
