import { SecondFactorError } from '../errors';
import type { UserId } from './account';

const longest = 512;

/**
 * The text form of whatever the app calls an id. Two shapes of one id (a number and its text, an ObjectId
 * and its hex, a Buffer and its hex) are one user.
 *
 * @throws SecondFactorError `bad_option` for what has no text form of its own: two users must never be one
 */
export function toUserId(value: unknown): UserId {
  const text = textOf(value);
  if (text === '' || isLossy(text) || Buffer.byteLength(text) > longest) throw unusable();
  return text as UserId;
}

/** What came from bytes that are no UTF-8, or can't be stored as UTF-8: other ids would give the same text. */
const isLossy = (text: string): boolean => !text.isWellFormed() || text.includes('\uFFFD');

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return isExact(value) ? String(value) : '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const { toString: own } = value as { toString?: (this: object, encoding?: string) => unknown };
  if (typeof own !== 'function' || own === Object.prototype.toString) return '';
  const text = isBsonBinary(value) ? own.call(value, 'hex') : own.call(value);
  return typeof text === 'string' && !text.startsWith('[object ') ? text : '';
}

/** Beyond 2^53 neighbouring numbers are one. */
const isExact = (value: number): boolean =>
  Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));

/** Its own text form is UTF-8, which bytes need not be. A UUID is one too, and has a better text form. */
const isBsonBinary = (value: object): boolean =>
  Reflect.get(value, '_bsontype') === 'Binary' && !('toHexString' in value);

const unusable = () =>
  new SecondFactorError(
    'bad_option',
    'users.id(user) gave no usable id.',
    `It must be text, a number, a Buffer or an object with a toString of its own, not empty and at most ${longest} bytes.`,
  );
