import { plainText } from './plain';

export type StoreName = 'accounts' | 'audit' | 'pending' | 'sessions';

/** Something that was written to a store, to be written again. */
export interface Written {
  readonly store: StoreName;
  readonly what: string;
  readonly at: number;
  readonly again: () => Promise<unknown>;
}

/** Remembers what is written, so that stores can be put back: to how they were, or to before the newest writes. */
export class Recorder {
  private written: Written[] = [];
  private readonly texts = new Map<StoreName, string>();

  constructor(private readonly now: () => number) {}

  async write<T>(store: StoreName, what: string, again: () => Promise<T>): Promise<T> {
    this.written.push({ store, what, at: this.now(), again });
    this.texts.delete(store);
    return again();
  }

  /** The content of a store as text; the same as before unless something was written. */
  textOf(store: StoreName, content: () => unknown): string {
    const text = this.texts.get(store) ?? plainText(content());
    this.texts.set(store, text);
    return text;
  }

  get all(): readonly Written[] {
    return this.written;
  }

  set all(written: readonly Written[]) {
    this.written = [...written];
    this.texts.clear();
  }
}
