/** Something that was written to a store, to be written again. */
export interface Written {
  readonly what: string;
  readonly at: number;
  /** The stores that live in Redis, which can lose its newest writes. */
  readonly isInRedis: boolean;
  readonly again: () => Promise<unknown>;
}

/** Remembers what is written, so that stores can be put back: to how they were, or to before the newest writes. */
export class Recorder {
  private written: Written[] = [];

  constructor(private readonly now: () => number) {}

  async write<T>(what: string, isInRedis: boolean, again: () => Promise<T>): Promise<T> {
    this.written.push({ what, at: this.now(), isInRedis, again });
    return again();
  }

  get all(): readonly Written[] {
    return this.written;
  }

  set all(written: readonly Written[]) {
    this.written = [...written];
  }
}
