import { createHmac } from 'node:crypto';
import { equal } from './digest';
import type { Key, KeyRing } from './key-ring';

/** What a MAC says about a value: it is as we saved it, it is not, or its key is not in the ring. */
export type Authenticity = 'genuine' | 'changed' | 'unknown_key';

const FORM = /^1\.([0-9a-f]{8})\.([\w-]{43})$/;

/** HMAC-SHA-256 over a canonical text, as `1.<key id>.<base64url>`. */
export function createMacs(ring: KeyRing, use: 'account' | 'audit') {
  const digestOf = (key: Key, text: string): Buffer => createHmac('sha256', key[use]).update(text).digest();

  return {
    of: (value: unknown): string =>
      `1.${ring.first.id}.${digestOf(ring.first, canonical(value)).toString('base64url')}`,
    check(mac: unknown, value: unknown): Authenticity {
      const [, keyId, digest] = (typeof mac === 'string' && FORM.exec(mac)) || [];
      if (keyId === undefined || digest === undefined) return 'changed';
      const key = ring.find(keyId);
      if (!key) return 'unknown_key';
      try {
        return equal(Buffer.from(digest, 'base64url'), digestOf(key, canonical(value)))
          ? 'genuine'
          : 'changed';
      } catch {
        return 'changed';
      }
    },
    /** Of a MAC that is `genuine`, or whose key is unknown. */
    keyIdOf: (mac: string): string => mac.split('.')[1] ?? '',
  };
}

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
