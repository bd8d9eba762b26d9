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
  if (text === '' || Buffer.byteLength(text) > longest) throw unusable();
  return text as UserId;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const own: unknown = value.toString;
  if (typeof own !== 'function' || own === Object.prototype.toString) return '';
  const text: unknown = own.call(value);
  return typeof text === 'string' && !text.startsWith('[object ') ? text : '';
}

const unusable = () =>
  new SecondFactorError(
    'bad_option',
    'users.id(user) gave no usable id.',
    `It must be text, a number, a Buffer or an object with a toString of its own, not empty and at most ${longest} bytes.`,
  );
