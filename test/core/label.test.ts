import fc from 'fast-check';
import { freeLabel } from '../../lib/account/factors';
import { readLabel } from '../../lib/core/label';
import { aFactor, anAccount } from '../account/an-account';

const read = (input: unknown) => {
  const named = readLabel(input);
  return named.ok ? named.label : named.reason;
};

describe('the name of a factor', () => {
  it.each([
    ['Phone', 'Phone'],
    ['  Pixel   9 ', 'Pixel 9'],
    ['můj telefon', 'můj telefon'],
    ['宮腰の携帯', '宮腰の携帯'],
    ['👾'.repeat(64), '👾'.repeat(64)],
    ['a\tb\nc\r\nd', 'a b c d'],
    ['a \u200b\t\u0000 b', 'a b'],
    ['e\u0301', 'é'],
    ['Pixel\u202e9lexiP', 'Pixel9lexiP'],
    ['\u2066x\u2069', 'x'],
    ['a\u200b\u200d\ufeffb', 'ab'],
    ['a\u0000b\u001b[31m', 'ab[31m'],
    ['a\ud800b', 'ab'],
    ['<script>', '<script>'],
    [`${'x'.repeat(64)}  `, 'x'.repeat(64)],
  ])('%j is kept as %j', (typed, label) => {
    expect(read(typed)).toBe(label);
  });

  it.each<[unknown, string]>([
    ['', 'label_empty'],
    [' \u200b ', 'label_empty'],
    [undefined, 'label_empty'],
    [null, 'label_empty'],
    [5, 'label_empty'],
    [['x'], 'label_empty'],
    [{ toString: 'x' }, 'label_empty'],
    ['x'.repeat(65), 'label_long'],
    ['👾'.repeat(65), 'label_long'],
  ])('%j is none: %s', (typed, reason) => {
    expect(read(typed)).toBe(reason);
  });

  it('is not 8 kB of anything', () => {
    expect(read(' '.repeat(8192))).toBe('label_long');
  });

  it('is the same when it is read again, also where what stood between a letter and its accent went', () => {
    for (const between of ['\u200d', '\u200b', '\u0378', '\u{e000}', '\u0000'])
      expect(read(`e${between}\u0301`)).toBe('\u00e9');
  });

  it('is stable, short and without invisible letters, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (typed) => {
        const named = readLabel(typed);
        const label = named.ok ? named.label : 'x';
        expect([...label].length).toBeLessThanOrEqual(64);
        expect(label).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(read(label)).toBe(label);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the name of a factor that was given none', () => {
  it('is numbered from the second on, and never one that is taken', () => {
    const named = (...labels: string[]) => anAccount(labels.map((label) => aFactor(label)));
    expect(freeLabel(named(), 'totp', 'Phone')).toBe('Phone');
    expect(freeLabel(named('phone'), 'totp', 'Phone')).toBe('Phone 2');
    expect(freeLabel(named('Phone', 'Phone 2'), 'totp', 'Phone')).toBe('Phone 3');
    expect(freeLabel(named('Phone 2', 'Phone 3'), 'totp', 'Phone')).toBe('Phone');
  });
});
