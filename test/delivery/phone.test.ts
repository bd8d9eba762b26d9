import fc from 'fast-check';
import { isPhoneRegion, type PhoneRules, readPhone } from '../../lib/delivery/phone';
import { invisible } from './invisible';

const anywhere: PhoneRules = { regions: null, defaultRegion: null };
const from = (defaultRegion: string): PhoneRules => ({ regions: null, defaultRegion });
const only = (...regions: string[]): PhoneRules => ({ regions, defaultRegion: null });

const read = (input: unknown, rules: PhoneRules = anywhere) => {
  const result = readPhone(input, rules);
  return result.ok ? result.phone.e164 : result.reason;
};

describe('a phone number', () => {
  it.each<[string, PhoneRules, string]>([
    ['+54 9 11 2345 6789', anywhere, '+5491123456789'],
    ['+54 11 2345 6789', anywhere, '+5491123456789'],
    ['+54 11 15 2345 6789', anywhere, '+5491123456789'],
    ['011 15-2345-6789', from('AR'), '+5491123456789'],
    ['(11) 15-2345-6789', from('AR'), '+5491123456789'],
    ['11 2345 6789', from('AR'), '+5491123456789'],
    ['+52 1 55 1234 5678', anywhere, '+525512345678'],
    ['+52 55 1234 5678', anywhere, '+525512345678'],
    ['044 55 1234 5678', from('MX'), '+525512345678'],
    ['045 55 1234 5678', from('MX'), '+525512345678'],
    ['01 55 1234 5678', from('MX'), '+525512345678'],
    ['55 1234 5678', from('MX'), '+525512345678'],
  ])(
    'google/libphonenumber PR #1806, AfterShip/phone #18: %s has the one form that reaches the mobile',
    (typed, rules, e164) => {
      expect(read(typed, rules)).toBe(e164);
    },
  );

  it.each<[string, PhoneRules, string]>([
    ['+39 347 123 4567', anywhere, '+393471234567'],
    ['+39 06 6981 2345', anywhere, 'phone_kind'],
    ['0039 06 6981 2345', anywhere, 'phone_kind'],
    ['+39 0347 123 4567', anywhere, 'phone_invalid'],
    ['+90 0532 123 45 67', anywhere, '+905321234567'],
    ['0532 123 45 67', from('TR'), '+905321234567'],
    ['+225 07 07 12 34 56', anywhere, '+2250707123456'],
    ['+225 07 12 34 56', anywhere, 'phone_invalid'],
    ['112', from('CZ'), 'phone_invalid'],
    ['112', from('US'), 'phone_invalid'],
    ['12345', from('CZ'), 'phone_invalid'],
    ['+420 112', anywhere, 'phone_invalid'],
    ['+33 (0)6 12 34 56 78', anywhere, '+33612345678'],
  ])(
    'haumacher/phoneblock #210: the zero of %s is kept or dropped as its plan says',
    (typed, rules, result) => {
      expect(read(typed, rules)).toBe(result);
    },
  );

  it.each(invisible)('woocommerce/woocommerce #58000: is read in spite of U+%s', (_point, mark) => {
    expect(read(`${mark}+420${mark} 603${mark}123 456${mark}`)).toBe('+420603123456');
  });

  it.each<[string, PhoneRules, string]>([
    ['+1 (415) 555-0100', anywhere, '+14155550100'],
    ['+14155550100', anywhere, '+14155550100'],
    ['＋１ （４１５） ５５５－０１００', anywhere, '+14155550100'],
    ['(415) 555-0100', from('US'), '+14155550100'],
    ['1.415.555.0100', from('US'), '+14155550100'],
  ])('C12: %s shares one budget with its other spellings', (typed, rules, e164) => {
    expect(readPhone(typed, rules)).toEqual({
      ok: true,
      phone: { e164, prefix: '+1415555', country: 'US' },
    });
  });

  it.each<[string, PhoneRules, string]>([
    ['+420603123456', anywhere, '+420603123456'],
    ['603 123 456', from('CZ'), '+420603123456'],
    ['tel:+420-603-123-456', anywhere, '+420603123456'],
    ['(+420) 603\u00a0123\u2011456', anywhere, '+420603123456'],
    ['00420 603 123 456', anywhere, '+420603123456'],
    ['00420 603 123 456', from('US'), '+420603123456'],
    ['010 420 603 123 456', from('JP'), '+420603123456'],
    ['0011 420 603 123 456', from('AU'), '+420603123456'],
    ['+٤٢٠ ٦٠٣ ١٢٣ ٤٥٦', anywhere, '+420603123456'],
    ['+420603123456\r\n', anywhere, '+420603123456'],
    ['8 912 345-67-89', from('RU'), '+79123456789'],
    ['+44 7400 123456', anywhere, '+447400123456'],
  ])('is read from %j', (typed, rules, e164) => {
    expect(read(typed, rules)).toBe(e164);
  });

  it.each<[unknown, string]>([
    ['', 'phone_empty'],
    ['  \u200e ', 'phone_empty'],
    ['tel:', 'phone_empty'],
    [undefined, 'phone_empty'],
    [420603123456, 'phone_empty'],
    [['+420603123456'], 'phone_empty'],
    [{ toString: () => '+420603123456' }, 'phone_empty'],
    ['1-800-FLOWERS', 'phone_letters'],
    ['+420603123456 ext 5', 'phone_letters'],
    ['+420603123456;ext=5', 'phone_letters'],
    ['+420603123456x5', 'phone_letters'],
    ['+420603123456#5', 'phone_letters'],
    ['+420603123456,5', 'phone_letters'],
    ['tel:603123456;phone-context=+420', 'phone_letters'],
    ['++420603123456', 'phone_letters'],
    ['+420+603123456', 'phone_letters'],
    ['603123456+', 'phone_letters'],
    ['+420603123456\n+420603123457', 'phone_letters'],
    ['+420603123456\u0000', 'phone_letters'],
    ['603 123 456', 'phone_country'],
    ['+420 603 123 45', 'phone_invalid'],
    ['+420 603 123 4567', 'phone_invalid'],
    ['+999 603 123 456', 'phone_invalid'],
    ['+', 'phone_letters'],
    ['00', 'phone_invalid'],
    [`+420${' '.repeat(64)}603123456`, 'phone_invalid'],
    ['9'.repeat(100_000), 'phone_invalid'],
  ])('is not %j: %s', (typed, reason) => {
    expect(readPhone(typed, anywhere)).toEqual({ ok: false, code: 'malformed', field: 'address', reason });
  });

  it.each([
    ['premium', '+420 900 123 456'],
    ['premium, of no country', '+979 123 456 789'],
    ['shared cost', '+49 180 1234567'],
    ['toll-free', '+1 800 356 9377'],
    ['toll-free, of no country', '+800 1234 5678'],
    ['company (UAN)', '+420 972 123 456'],
    ['personal', '+44 70 1234 5678'],
    ['VoIP', '+44 56 1234 5678'],
    ['pager', '+44 7640 123456'],
    ['voicemail', '+420 968 123 456'],
    ['fixed line', '+420 222 123 456'],
  ])('C10: is no %s number', (_kind, typed) => {
    expect(read(typed)).toBe('phone_kind');
  });

  it('C10: is none of a network that belongs to no country, even where all are allowed', () => {
    expect(read('+870 773 123 456')).toBe('phone_region');
  });

  it.each<[string, string[], string]>([
    ['+420603123456', ['CZ', 'SK'], '+420603123456'],
    ['+420603123456', ['SK'], 'phone_region'],
    ['+420603123456', [], 'phone_region'],
    ['+420603123456', ['xx', 'constructor'], 'phone_region'],
    // One calling code, many countries.
    ['+1 415 555 0100', ['US'], '+14155550100'],
    ['+1 242 359 1234', ['US', 'CA'], 'phone_region'],
    ['+1 242 359 1234', ['BS'], '+12423591234'],
    ['+7 912 345 67 89', ['KZ'], 'phone_region'],
    ['+7 701 234 56 78', ['KZ'], '+77012345678'],
    // One country, several regions: this number of the United Kingdom reads as one of Guernsey.
    ['+44 7911 123456', ['GB'], '+447911123456'],
  ])('C10: %s, where messages go to %j: %s', (typed, regions, result) => {
    expect(read(typed, only(...regions))).toBe(result);
  });

  it.each([
    ['+44 7911 123456', 'GB'],
    ['+44 7400 123456', 'GB'],
    ['+1 242 359 1234', 'BS'],
    ['+7 701 234 56 78', 'KZ'],
    ['+420603123456', 'CZ'],
    ['+52 1 55 1234 5678', 'MX'],
  ])('C10: %s takes from the budget of %s', (typed, country) => {
    expect(readPhone(typed, anywhere)).toMatchObject({ phone: { country } });
  });

  it('C10: shares a budget with the ten thousand numbers of its block', () => {
    const prefixes = ['+420603120000', '+420603129999', '+420603130000'].map((typed) => {
      const result = readPhone(typed, anywhere);
      return result.ok ? result.phone.prefix : result.reason;
    });
    expect(prefixes).toEqual(['+42060312', '+42060312', '+42060313']);
  });

  it('stays what it is when it is read again, whatever was typed', () => {
    // The digits of each plan that begin a mobile, in all the ways it knows.
    const starts = ['5411', '54911', '541115', '5255', '52155', '39347', '3906', '420603', '1415', '44740'];
    const typed = fc
      .tuple(
        fc.constantFrom(...starts, '7912', '7701', '22507', '905', '9005'),
        fc.stringMatching(/^\d{6,8}$/),
      )
      .map(([start, rest]) => `+${start}${rest}`);
    let valid = 0;
    fc.assert(
      fc.property(typed, (number) => {
        const first = readPhone(number, anywhere);
        if (!first.ok) return;
        valid += 1;
        expect(readPhone(first.phone.e164, anywhere)).toEqual(first);
        expect(readPhone(first.phone.e164, from('AR'))).toEqual(first);
        expect(first.phone.e164).toMatch(/^\+[1-9]\d{6,14}$/);
      }),
      { numRuns: 1500 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  it('is one number in any two spellings', () => {
    const separator = fc.constantFrom(
      '',
      ' ',
      '-',
      '.',
      '/',
      '\u00a0',
      '\u2009',
      '\u200f',
      '\u202a',
      '\u2011',
    );
    const spelling = fc
      .array(separator, { minLength: 13, maxLength: 13 })
      .map((gaps) => Array.from('+420603123456', (sign, at) => gaps[at] + sign).join(''));
    fc.assert(
      fc.property(spelling, spelling, (one, other) => {
        expect(read(one)).toBe(read(other));
        expect(read(one)).toBe('+420603123456');
      }),
    );
  });

  it('is read or refused, and nothing is thrown, whatever was sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: 'binary' }), (value, text) => {
        expect(typeof read(value)).toBe('string');
        expect(typeof read(`+${text}`, from('CZ'))).toBe('string');
      }),
    );
  });
});

describe('a region', () => {
  it.each([
    ['CZ', true],
    ['GG', true],
    ['cz', false],
    ['XX', false],
    ['constructor', false],
    ['', false],
  ])('%s is one that has phone numbers: %s', (region, known) => {
    expect(isPhoneRegion(region)).toBe(known);
  });
});
