import type { SentCode } from './contracts';
import { ExpiringMap } from './expiring-map';
import { MOST_CODES } from './pending-rules';
import { readCodes, writeCode } from './sent-code';

/** Codes that were sent: of each id the newest, as text like in Redis. */
export class MemoryCodes {
  private readonly codes: ExpiringMap<string, readonly string[]>;

  constructor(now: () => number) {
    this.codes = new ExpiringMap(now);
  }

  put(id: string, code: SentCode, life: number): void {
    const texts = new Set([writeCode(code), ...this.texts(id)]);
    const newestFirst = readCodes([...texts])
      .toSorted(byNewest)
      .map(writeCode);
    this.codes.set(id, newestFirst.slice(0, MOST_CODES), life);
  }

  read(id: string): SentCode[] {
    return readCodes(this.texts(id));
  }

  remove(id: string, code: SentCode): void {
    const gone = writeCode(code);
    this.codes.change(
      id,
      this.texts(id).filter((text) => text !== gone),
    );
  }

  private texts(id: string): readonly string[] {
    return this.codes.get(id) ?? [];
  }
}

/** By their text where they are equally new, as Redis does. */
const byNewest = (one: SentCode, other: SentCode): number =>
  other.issuedAt - one.issuedAt || (writeCode(one) < writeCode(other) ? 1 : -1);
