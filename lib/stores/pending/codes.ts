import type { CodeStore, Issued } from '../contracts';
import { ExpiringMap, wholeMs } from './expiring-map';
import { isNumber, isRecord, isText, readJson } from './read-json';
import { lastResult, type RedisClient } from './redis-client';

/** The codes of one id that count: the newest, and the one before it. */
const MOST_CODES = 2;

/** Codes that were sent, and challenges: the newest of each id, as text as in Redis. */
export class MemoryCodes implements CodeStore {
  private readonly codes: ExpiringMap<string, readonly string[]>;

  constructor(now: () => number) {
    this.codes = new ExpiringMap(now);
  }

  async put(id: string, code: Issued, life: number): Promise<void> {
    const texts = new Set([writeCode(code), ...this.texts(id)]);
    const newestFirst = readCodes([...texts])
      .toSorted(byNewest)
      .map(writeCode);
    this.codes.set(id, newestFirst.slice(0, MOST_CODES), life);
  }

  async read(id: string): Promise<Issued[]> {
    return readCodes(this.texts(id));
  }

  async remove(id: string, code: Issued): Promise<void> {
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

/** Equally new ones are ordered by their text, as in Redis. */
const byNewest = (one: Issued, other: Issued): number =>
  other.issuedAt - one.issuedAt || (writeCode(one) < writeCode(other) ? 1 : -1);

/** For each id a sorted set, ordered by when its codes were issued. */
export class RedisCodes implements CodeStore {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  /** In one transaction, so that no key can stay for ever. */
  async put(id: string, code: Issued, life: number): Promise<void> {
    const key = this.at(id);
    const change = this.client
      .multi()
      .zadd(key, code.issuedAt, writeCode(code))
      .zremrangebyrank(key, 0, -MOST_CODES - 1)
      .pexpire(key, wholeMs(life));
    await lastResult(change);
  }

  async read(id: string): Promise<Issued[]> {
    const oldestFirst = await this.client.zrange(this.at(id), 0, '-1');
    return readCodes(oldestFirst.toReversed());
  }

  async remove(id: string, code: Issued): Promise<void> {
    await this.client.zrem(this.at(id), writeCode(code));
  }

  private at(id: string): string {
    return `${this.prefix}codes:${id}`;
  }
}

/**
 * The text of a code, equal for equal codes. Of two with the same `issuedAt` the greater text counts as the newer, so
 * it begins with a time that advances even when `issuedAt` does not.
 */
const writeCode = (one: Issued): string => {
  const { until, kind, digest, issuedAt } = one;
  const common = { until, kind, digest, issuedAt };
  if (one.kind === 'challenge') return JSON.stringify({ ...common, userVerification: one.userVerification });
  const { factorId, sends, reference } = one;
  return JSON.stringify({ ...common, factorId, sends, reference });
};

/** The codes and challenges in such texts. A malformed text is skipped. */
const readCodes = (texts: readonly string[]): Issued[] =>
  texts.flatMap((text) => readJson(text, isIssued) ?? []);

function isIssued(one: unknown): one is Issued {
  if (!isRecord(one)) return false;
  if (!isText(one.digest) || !isNumber(one.issuedAt) || !isNumber(one.until)) return false;
  if (one.kind === 'challenge')
    return one.userVerification === 'preferred' || one.userVerification === 'required';
  const isCode = one.kind === 'code' && isText(one.factorId) && isNumber(one.sends);
  return isCode && typeof one.reference === 'string';
}
