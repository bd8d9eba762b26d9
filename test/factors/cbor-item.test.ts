import fc from 'fast-check';
import { isOneItem } from '../../lib/factors/cbor-item';
import { runs } from '../account/an-account';
import { cbor, type Cbor } from '../support/cbor';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const values = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 30 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 5 })
      .map((entries) => new Map<string, Cbor>(entries)),
  ),
})).value;

describe('One CBOR item', () => {
  it('is that, and neither with something behind it nor cut off', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 9 }), (value, more) => {
        const item = cbor(value);
        expect(isOneItem(item)).toBe(true);
        expect(isOneItem(Buffer.concat([item, more]))).toBe(false);
        expect(isOneItem(item.subarray(0, -1))).toBe(false);
      }),
      { numRuns: runs(200) },
    );
  });

  // RFC 8949 appendix A, and lengths that are written longer than they need be.
  it.each(
    ['00', '1818', '1903e8', '1a000f4240', '1b000000e8d4a51000', '3bffffffffffffffff', 'f97e00', 'fa47c35000']
      .concat([
        'fb3ff199999999999a',
        'f4',
        'f6',
        'f8ff',
        'c074323031332d30332d32315432303a30343a30305a',
        '580101',
        '59000101',
      ])
      .concat([
        'a0',
        '80',
        'd74401020304',
        '83010203',
        'a201020304',
        'a26161016162820203',
        '5b000000000000000101',
      ]),
  )('is %s', (hex) => {
    expect(isOneItem(bytes(hex))).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['two', '0000'],
    ['a list without its end', '9f0102ff'],
    ['a text without its end', '7f6161ff'],
    ['an end alone', 'ff'],
    ['a reserved head', '1c'],
    ['a list of one that is not there', '81'],
    ['a list of 2^32', '9affffffff00'],
    ['a map of 2^63', 'bb8000000000000000'],
    ['a text of 2^63', '7b8000000000000000'],
    ['a tag of nothing', 'c0'],
  ])('is not %s', (_what, hex) => {
    expect(isOneItem(bytes(hex))).toBe(false);
  });

  it('is not one of thousands in one another, and is told so without running out of stack', () => {
    expect(isOneItem(Buffer.concat([Buffer.alloc(20_000, 0x81), bytes('00')]))).toBe(false);
  });
});
