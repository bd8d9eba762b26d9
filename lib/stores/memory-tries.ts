import { ExpiringMap } from './expiring-map';
import { wholeMs } from './pending-rules';

/** Try counters. The life of one starts when it is made. */
export class MemoryTries {
  private readonly counters: ExpiringMap<string, number>;

  constructor(now: () => number) {
    this.counters = new ExpiringMap(now);
  }

  add(id: string, by: 1 | -1, life: number): number {
    const count = Math.max(0, (this.counters.get(id) ?? 0) + by);
    if (this.counters.has(id)) this.counters.change(id, count);
    else this.counters.set(id, count, wholeMs(life));
    return count;
  }

  read(id: string): { count: number; left: number } {
    const count = this.counters.get(id) ?? 0;
    return { count, left: count === 0 ? 0 : this.counters.left(id) };
  }
}
