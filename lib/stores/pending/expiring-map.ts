/** How many entries each write checks for expired ones: two more than it can add, so they cannot pile up. */
const SWEPT_A_WRITE = 3;

/** Redis takes only whole milliseconds above 0; for what has no time left, one is as good as none. */
export const wholeMs = (life: number): number => Math.max(1, Math.round(life));

interface Entry<V> {
  value: V;
  diesAt: number;
}

/**
 * A map whose entries expire. An expired entry is gone for every reader at once; its memory is freed by later writes,
 * each of which checks a few entries in turn. So there is no timer, and no write that has to check all of them.
 */
export class ExpiringMap<K, V> {
  private readonly entries = new Map<K, Entry<V>>();
  private sweep = this.entries.entries();

  constructor(private readonly now: () => number) {}

  get(key: K): V | null {
    return this.living(key)?.value ?? null;
  }

  has(key: K): boolean {
    return this.living(key) !== null;
  }

  /** How many ms the entry has left; 0 when there is none. */
  left(key: K): number {
    const entry = this.living(key);
    return entry === null ? 0 : entry.diesAt - this.now();
  }

  set(key: K, value: V, life: number): void {
    this.sweepSome();
    this.entries.set(key, { value, diesAt: this.now() + wholeMs(life) });
  }

  /** Changes the value; it expires when the old one would have. */
  change(key: K, value: V): void {
    const entry = this.living(key);
    if (entry !== null) entry.value = value;
  }

  /** Keeps the value for `life` ms from now. */
  slide(key: K, life: number): void {
    const entry = this.living(key);
    if (entry !== null) entry.diesAt = this.now() + wholeMs(life);
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    const wasThere = this.has(key);
    this.entries.delete(key);
    return wasThere;
  }

  /** How many entries take up memory, expired ones included. */
  get size(): number {
    return this.entries.size;
  }

  private living(key: K): Entry<V> | null {
    const entry = this.entries.get(key);
    if (entry === undefined) return null;
    if (entry.diesAt > this.now()) return entry;
    this.entries.delete(key);
    return null;
  }

  private sweepSome(): void {
    const now = this.now();
    for (let looked = 0; looked < SWEPT_A_WRITE; looked += 1) {
      const next = this.sweep.next();
      if (next.done) {
        this.sweep = this.entries.entries();
        return;
      }
      const [key, entry] = next.value;
      if (entry.diesAt <= now) this.entries.delete(key);
    }
  }
}
