import { createHmac } from 'node:crypto';
import type { Account } from '../account/account';
import { equal } from './digest';
import type { Key, KeyRing } from './key-ring';

/** What the MAC says about an account: it is as we saved it, it is not, or its key is not in the ring. */
export type Authenticity = 'genuine' | 'changed' | 'unknown_key';

/**
 * HMAC-SHA-256 over the whole account, including fields of newer versions, as `1.<key id>.<base64url>`. Someone who
 * can write to the database but has no key cannot create or change an account, or move anything between two.
 */
export function createAccountMacs(ring: KeyRing) {
  const digestBy = (key: Key, account: Account): Buffer =>
    createHmac('sha256', key.account)
      .update(canonical({ ...account, mac: undefined }))
      .digest();

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
 * One text per value, whatever a store did to it on the way: fields sorted by name, without undefined ones; −0 as 0.
 * Each value states its kind and length, so no two values have the same text.
 *
 * @throws TypeError for what is not JSON: a store would not return it unchanged
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

// Joined by hand: it runs twice per verification, over about a hundred values.
function list(values: readonly unknown[], depth: number): string {
  let text = `[${values.length}:`;
  for (const value of values) text += canonical(value, depth);
  return text;
}

function fields(record: Readonly<Record<string, unknown>>, depth: number): string {
  let text = '';
  let count = 0;
  for (const name of sorted(Object.keys(record))) {
    const value = record[name];
    if (value === undefined) continue;
    count += 1;
    text += `${name.length}:${name}${canonical(value, depth)}`;
  }
  return `{${count}:${text}`;
}

/** Sorts by code units, as `toSorted` does, which takes longer for so few. */
function sorted(names: string[]): string[] {
  if (names.length > 32) return names.toSorted();
  for (let end = 1; end < names.length; end += 1) {
    const name = names[end] ?? '';
    let at = end;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}

/** By the depth of its prototype chain, so that objects from another realm (vm, Jest) count too. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const noJson = () => new TypeError('an account holds something that is no JSON');
