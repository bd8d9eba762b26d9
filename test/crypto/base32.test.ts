import fc from 'fast-check';
import { Secret } from 'otpauth';
import { fromBase32, toBase32 } from '../../lib/crypto/base32';

describe('base32', () => {
  it.each([
    ['', ''],
    ['f', 'MY======'],
    ['fo', 'MZXQ===='],
    ['foo', 'MZXW6==='],
    ['foob', 'MZXW6YQ='],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI======'],
  ])('of %p is that of RFC 4648 §10', (text, padded) => {
    expect(toBase32(Buffer.from(text))).toBe(padded.replace(/=+$/, ''));
    expect(fromBase32(padded)?.toString() ?? '').toBe(text);
  });

  it('gives back any bytes, and is what otpauth makes of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
        const text = toBase32(bytes);
        expect(text).toMatch(/^[A-Z2-7]+$/);
        expect(fromBase32(text)).toEqual(Buffer.from(bytes));
        expect(text).toBe(new Secret({ buffer: Uint8Array.from(bytes).buffer }).base32);
      }),
    );
  });

  it.each([
    'MZXW 6YTB OI',
    'mzxw6ytboi',
    'MZXW-6YTB-OI',
    'MZXW6YTBOI======',
    '\tMZXW6YTBOI\r\n',
    'MZXW\u00a06YTBOI',
  ])('is read from %p as a person copies it', (text) => {
    expect(fromBase32(text)?.toString()).toBe('foobar');
  });

  it.each([
    '',
    '====',
    ' ',
    '0',
    '1',
    '8',
    '9',
    'MZXW6YT!',
    'MZXW=6YTB',
    'É',
    'MZXW６YTB',
    'ſ',
    'MZXW6YTBOI\u0000',
  ])('is not %p: what is no base32 never becomes other bytes', (text) => {
    expect(fromBase32(text)).toBeNull();
  });

  it('reads or refuses any text, and never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = fromBase32(text);
        expect(bytes === null || Buffer.isBuffer(bytes)).toBe(true);
      }),
    );
  });
});
