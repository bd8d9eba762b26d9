import { createHmac } from 'node:crypto';
import type { Account } from '../account/account';
import { equal } from './digest';
import type { Key, KeyRing } from './key-ring';

/** What the MAC says of an account: as we saved it; not so; or signed by a key that the ring has not. */
export type Authenticity = 'genuine' | 'changed' | 'unknown_key';

/**
 * HMAC-SHA-256 over all of an account, fields of newer versions too, as `1.<key id>.<base64url>`. Who can write to the
 * database and has no key can make no account, change none, and move nothing from one into another.
 */
export function createAccountMacs(ring: KeyRing) {
  const digestBy = (key: Key, { mac: _, ...rest }: Account): Buffer =>
    createHmac('sha256', key.account).update(canonical(rest)).digest();

  return {
    sign: (account: Account): Account => ({
      ...account,
      mac: `1.${ring.first.id}.${digestBy(ring.first, account).toString('base64url')}`,
    }),
    check(account: Account): Authenticity {
      const { mac } = account;
      const [, keyId, digest] = (typeof mac === 'string' && FORM.exec(mac)) || [];
      if (keyId === undefined || digest === undefined) return 'changed';
      const key = ring.find(keyId);
      if (!key) return 'unknown_key';
      try {
        return equal(Buffer.from(digest, 'base64url'), digestBy(key, account)) ? 'genuine' : 'changed';
      } catch {
        return 'changed';
      }
    },
    /** Of an account that is `genuine`, or whose key is unknown. */
    keyIdOf: ({ mac = '' }: Account): string => mac.split('.')[1] ?? '',
  };
}

const FORM = /^1\.([0-9a-f]{8})\.([\w-]{43})$/;

export type AccountMacs = ReturnType<typeof createAccountMacs>;

const DEEPEST = 32;

/**
 * One text for one value, whatever a store did to it on the way: fields in order of their names, without those that are
 * undefined; −0 as 0. Each value says what it is and how long, so no two values have one text.
 *
 * @throws TypeError for what is no JSON: a store would not give it back as it was
 */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'number' && Number.isFinite(value)) return `n${value};`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value === null || value === undefined) return 'z';
  if (typeof value === 'object' && depth < DEEPEST) {
    if (Array.isArray(value)) return list(value, depth + 1);
    if (isPlain(value)) return fields(value, depth + 1);
  }
  throw noJson();
}

// Joined by hand: it runs twice in every verification, over some hundred values.
function list(values: readonly unknown[], depth: number): string {
  let text = `[${values.length}:`;
  for (const value of values) text += canonical(value, depth);
  return text;
}

function fields(record: Readonly<Record<string, unknown>>, depth: number): string {
  let text = '';
  let count = 0;
  for (const name of Object.keys(record).toSorted()) {
    const value = record[name];
    if (value === undefined) continue;
    count += 1;
    text += `${name.length}:${name}${canonical(value, depth)}`;
  }
  return `{${count}:${text}`;
}

/** By the depth of its prototypes, so that objects of another realm (vm, Jest) count as well. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const noJson = () => new TypeError('an account holds something that is no JSON');
