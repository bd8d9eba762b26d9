/** How many entries each write looks at to find dead ones: two more than it can add, so they cannot pile up. */
const SWEPT_A_WRITE = 3;

/** Redis takes whole milliseconds over 0 only; what has no time left is as good as gone after one. */
export const wholeMs = (life: number): number => Math.max(1, Math.round(life));

interface Entry<V> {
  value: V;
  diesAt: number;
}

/**
 * A map whose entries die. A dead one is gone for every reader at once; its memory is freed by later writes,
 * each of which looks at a few entries in turn. So there is no timer, and no write that has to look at all.
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

  /** Another value for as long as the old one had left. */
  change(key: K, value: V): void {
    const entry = this.living(key);
    if (entry !== null) entry.value = value;
  }

  /** The same value for `life` ms from now. */
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

  /** How many entries take up memory, dead ones included. */
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
