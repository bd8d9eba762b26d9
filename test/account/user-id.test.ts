import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createConnection, mongo, Schema, Types } from 'mongoose';
import { toUserId } from '../../lib/account/user-id';
import { userKeyOf } from '../../lib/crypto/digest';
import { SecondFactorError } from '../../lib/errors';
import { bigOf, bytesAs, numberOf, objectIdOf, textOf, uuidOf } from '../support/id-shapes';
import { runs } from './an-account';

function refusal(value: unknown): SecondFactorError {
  try {
    toUserId(value);
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('two shapes of one user id', () => {
  const objectId = new Types.ObjectId('65f0c0ffee0000000000abcd');

  it.each<[string, unknown, unknown]>([
    ['a number and its text', 42, '42'],
    ['a bigint and its text', 12_345_678_901_234_567_890n, '12345678901234567890'],
    ['a number and its bigint', 42, 42n],
    ['an ObjectId and its hex', objectId, '65f0c0ffee0000000000abcd'],
    ['a Buffer and its hex', Buffer.from('c0ffee', 'hex'), 'c0ffee'],
    ['a Uint8Array and its hex', Uint8Array.of(0xc0, 0xff, 0xee), 'c0ffee'],
    ['a BSON Binary and its Buffer', new mongo.Binary(Buffer.from('c0ffee', 'hex')), 'c0ffee'],
    [
      'a BSON UUID and its text',
      new mongo.UUID('36c3548a-1650-4e29-993e-0ae32a018fae'),
      '36c3548a-1650-4e29-993e-0ae32a018fae',
    ],
    ['bytes of another realm and their hex', runInNewContext('Uint8Array.of(0xc0, 0xff, 0xee)'), 'c0ffee'],
    ['an object with a text form of its own', { toString: () => 'ann' }, 'ann'],
    ['minus zero and zero', -0, '0'],
  ])('are one user: %s', (_name, one, other) => {
    expect(toUserId(one)).toBe(toUserId(other));
  });

  it.each([
    objectIdOf('5f9d88b9c2a4e3001c9f1a01'),
    uuidOf('36c3548a-1650-4e29-993e-0ae32a018fae'),
    bytesAs('c0ffee'),
    numberOf(-4711),
    bigOf(2n ** 62n + 1n),
    textOf('ann'),
  ])('are one user, whatever version of Mongoose and BSON they come from: $kind', ({ text, shapes }) => {
    const named = shapes.map(({ name, value }) => [name, toUserId(value)]);
    expect(named).toEqual(shapes.map(({ name }) => [name, text]));
    expect(toUserId(text)).toBe(text);
  });

  it('stay two users where they differ in anything', () => {
    const ids = ['ann', 'Ann', 'ann ', ' ann', 'ａnn', 'a\u0301', '\u00e1', '1', '01', '1.0', '__proto__'];
    expect(new Set(ids.map((value) => toUserId(value))).size).toBe(ids.length);
  });
});

describe('what is no user id', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['empty text', ''],
    ['no number', Number.NaN],
    ['an infinite number', Infinity],
    ['a yes', true],
    ['a symbol', Symbol('ann')],
    ['a function', () => 'ann'],
    ['a plain object', { id: 1 }],
    ['an object without prototype', Object.create(null)],
    ['a promise that was not awaited', Promise.resolve('ann')],
    ['a Map', new Map()],
    ['an array', ['ann']],
    ['an empty array', []],
    ['an empty Buffer', Buffer.alloc(0)],
    ['a toString that is no function', { toString: 'ann' }],
    ['a toString that gives no text', { toString: () => 5 }],
    ['a toString that gives nothing', { toString: () => '' }],
    ['a toString that names only the type', { toString: () => '[object User]' }],
    ['513 bytes', 'é'.repeat(256) + 'x'],
    ['half a surrogate pair', 'ann\ud800'],
    ['text that was read from bytes with a loss', Buffer.from([0xff, 0xfe]).toString()],
    ['a number that other numbers round to', 2 ** 53],
    ['such a number as BSON', new mongo.Double(2 ** 53)],
    ['a decimal that has other spellings', mongo.Decimal128.fromString('1.50')],
    [
      'a UUID of the old kind, whose bytes are in nobody knows which order',
      new mongo.Binary(Buffer.alloc(16), 3),
    ],
    ['the same in a Buffer of Mongoose', Object.assign(Buffer.alloc(16), { _subtype: 3 })],
    ['a date, whose text has no milliseconds', new Date(0)],
    ['a date of another realm', runInNewContext('new Date(0)')],
    ['numbers that are no bytes', Uint16Array.of(1, 2)],
    [
      'a whole document in place of its id',
      new (createConnection().model('User', new Schema({ name: String })))(),
    ],
    ['a BSON Binary of another make', { _bsontype: 'Binary', toString: () => 'ann' }],
  ])('is refused: %s', (_name, value) => {
    expect(refusal(value)).toMatchObject({ code: 'bad_option', help: expect.stringContaining('text') });
  });

  it('is not repeated in the error', () => {
    expect(JSON.stringify(refusal('secret-id-'.repeat(60)).message)).not.toContain('secret-id');
  });

  it('is not 512 bytes', () => {
    expect(toUserId('é'.repeat(256))).toHaveLength(256);
  });
});

describe('any two texts that are taken', () => {
  it('name one entry in the stores only if they are the same', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const keys = [one, other].map((id) => {
          try {
            return userKeyOf(toUserId(id));
          } catch {
            return id;
          }
        });
        expect(keys[0] === keys[1]).toBe(one === other);
      }),
      { numRuns: runs(200) },
    );
  });
});
