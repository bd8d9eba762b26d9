import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { SecondFactorError } from '../errors';

/** One secret of the ring, expanded by HKDF (RFC 5869) into one sub-key per purpose. */
export interface Key {
  readonly id: string;
  readonly seal: KeyObject;
  readonly forms: KeyObject;
  readonly digest: KeyObject;
  readonly account: KeyObject;
  readonly audit: KeyObject;
}

/** The secrets that open what is stored; the first one also writes. */
export interface KeyRing {
  readonly first: Key;
  readonly all: readonly Key[];
  find(id: string): Key | undefined;
}

/**
 * @param secrets each at least 32 bytes in hex or base64url; the first writes, the others only open
 * @param option what errors call the list
 * @throws SecondFactorError `bad_option` naming the position, never the secret
 */
export function createKeyRing(secrets: readonly (string | undefined)[], option = 'keys'): KeyRing {
  if (secrets === undefined) throw bad(`${option} is undefined.`, `Give keys: [secret]. ${makeOne}`);
  if (!Array.isArray(secrets)) throw bad(`${option} is not a list.`, `Give keys: [secret]. ${makeOne}`);
  const all = secrets.map((secret, position) => expand(decode(secret, `${option}[${position}]`)));
  const [first] = all;
  if (!first) throw bad(`${option} is empty.`, `Give keys: [secret]. ${makeOne}`);
  const byId = new Map(all.map((key) => [key.id, key]));
  if (byId.size !== all.length)
    throw bad(
      `${option} contains the same secret twice.`,
      'Give each secret once: the first one writes, the others only open (docs/rotate-keys.md).',
    );
  return { first, all, find: (id) => byId.get(id) };
}

const bad = (message: string, help: string) => new SecondFactorError('bad_option', message, help);

const isItSet =
  'The environment variable it comes from, such as TWO_FACTOR_KEY, is probably not set: set it where the app runs, and read it before this.';
const makeOne = 'Make a key with `openssl rand -hex 32`, and keep it with your other secrets.';

function decode(secret: unknown, name: string): Buffer {
  if (secret === undefined || secret === '') {
    throw bad(`${name} is ${secret === '' ? 'empty' : 'undefined'}.`, `${isItSet} ${makeOne}`);
  }
  const text = typeof secret === 'string' ? secret : '';
  if (text !== text.trim())
    throw bad(`${name} starts or ends with a space or a line break.`, `Read it with .trim(). ${makeOne}`);
  const bytes = /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : fromBase64url(text);
  if (bytes.length < 32) throw bad(`${name} is not 32 bytes in hex or base64url.`, makeOne);
  return bytes;
}

const fromBase64url = (text: string): Buffer =>
  /^[\w-]+=*$/.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(0);

const expand = (secret: Buffer): Key => ({
  id: createHash('sha256').update('key id').update(secret).digest('hex').slice(0, 8),
  seal: subKey(secret, 'seal'),
  forms: subKey(secret, 'forms'),
  digest: subKey(secret, 'digest'),
  account: subKey(secret, 'account'),
  audit: subKey(secret, 'audit'),
});

const subKey = (secret: Buffer, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `express-second-factor ${purpose}`, 32)));
