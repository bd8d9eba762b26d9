import { SecondFactorError } from '../errors';
import type { UserId } from './account';

const LONGEST = 512;

/**
 * The text form of whatever the app uses as an id. Different shapes of one id are one user: a number and its text; an
 * ObjectId, its bytes and its hex; a UUID as text, as BSON of any version and as 16 bytes.
 *
 * @param told who gave it, for errors
 * @throws SecondFactorError `bad_option` for what has no text form of its own: two users must never become one, nor
 * one user two
 */
export function toUserId(value: unknown, told = 'users.id(user) gave'): UserId {
  const text = typeof value === 'string' ? textOfText(value) : textOf(value, told);
  if (text === '' || isLossy(text) || Buffer.byteLength(text) > LONGEST) throw unusable(value, told);
  return text as UserId;
}

/** From bytes that are not UTF-8, or not storable as UTF-8: other ids would give the same text. */
const isLossy = (text: string): boolean => !text.isWellFormed() || text.includes('\uFFFD');

/** As text, in either case. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Unchanged, because the app has to find its user by it; but UUIDs are case-insensitive (RFC 9562 §4). */
const textOfText = (text: string): string => (text.length === 36 && isUuid(text) ? text.toLowerCase() : text);

function textOf(value: unknown, told: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return isExact(value) ? String(value) : '';
  if (typeof value !== 'object' || value === null) return '';
  if (isBytes(value)) return textOfBytes(value, Reflect.get(value, '_subtype'), told);
  switch (Reflect.get(value, '_bsontype')) {
    case 'Binary':
      return textOfBinary(value, told);
    case 'Double':
    case 'Int32':
      return textOf(Number(value), told);
    case 'Decimal128':
      return textOfDecimal(ownText(value));
    default:
      return textOfText(ownText(value));
  }
}

/** Beyond 2^53, neighbouring integers are the same number. */
const isExact = (value: number): boolean =>
  Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));

/** A BSON UUID is one too. Its underlying array may be longer than its content. */
function textOfBinary(value: object, told: string): string {
  const { buffer, position, sub_type: subtype } = value as Readonly<Record<string, unknown>>;
  if (!isBytes(buffer) || typeof position !== 'number') return '';
  return textOfBytes(buffer.subarray(0, position), subtype, told);
}

/** Not `instanceof`: it may come from another realm (vm, Jest). */
const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && Reflect.get(value, 'BYTES_PER_ELEMENT') === 1;

const LEGACY_UUID = 3;

/**
 * 16 bytes always become a UUID, because some shapes of an id say they are one and others don't: a UUID in a Buffer
 * path, or read by another driver, is just bytes.
 */
function textOfBytes(bytes: Uint8Array, subtype: unknown, told: string): string {
  if (subtype === LEGACY_UUID) throw legacy(told);
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return bytes.byteLength === 16 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : hex;
}

/** `1.50` and `1.5` are one number but two texts. */
const textOfDecimal = (text: string): string => (/^(0|-?[1-9]\d*)$/.test(text) ? text : '');

/** The text form of an id class, but not that of dates, lists and whole records. */
function ownText(value: object): string {
  const { toString: own } = value as { toString?: (this: object) => unknown };
  if (typeof own !== 'function' || own === Object.prototype.toString) return '';
  if (Array.isArray(value) || ArrayBuffer.isView(value) || 'getTime' in value) return '';
  const text = own.call(value);
  return typeof text === 'string' && !/^[{[]/.test(text) ? text : '';
}

const unusable = (value: unknown, told: string) =>
  new SecondFactorError(
    'bad_option',
    value === undefined ? `${told} undefined as the id.` : `${told} no usable id.`,
    `It must be the id, not the user: text, a number, a Buffer or an object with its own toString, not empty and at most ${LONGEST} bytes.`,
  );

const legacy = (told: string) =>
  new SecondFactorError(
    'bad_option',
    `${told} a legacy UUID (BSON subtype 3).`,
    'Drivers order its bytes differently, so there is no text form that all of them agree on. Give the text that your app knows it by.',
  );
