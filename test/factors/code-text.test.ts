import fc from 'fast-check';
import { readBackupCode, readDigits, readEndOfBackupCode } from '../../lib/factors/code-text';

const NBSP = '\u00a0';
/** Every space of Unicode, and what people's clipboards hold beside a code. */
const spaces = [
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  ' ',
  '\u0085',
  NBSP,
  '\u1680',
  '\u2000',
  '\u2001',
  '\u2002',
  '\u2003',
  '\u2004',
  '\u2005',
  '\u2006',
  '\u2007',
  '\u2008',
  '\u2009',
  '\u200a',
  '\u2028',
  '\u2029',
  '\u202f',
  '\u205f',
  '\u3000',
];
const invisible = [
  '\u00ad',
  '\u034f',
  '\u061c',
  '\u180e',
  '\u200b',
  '\u200c',
  '\u200d',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202b',
  '\u202c',
  '\u202d',
  '\u202e',
  '\u2060',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
  '\ufe0d',
  '\ufe0f',
  '\ufeff',
  '\u0000',
  '\u001b',
  '\u007f',
];
const dashes = [
  '-',
  '\u2010',
  '\u2011',
  '\u2012',
  '\u2013',
  '\u2014',
  '\u2015',
  '\u2043',
  '\u2212',
  '\u058a',
  '\u2e3a',
  '\ufe58',
  '\ufe63',
  '\uff0d',
  '\u301c',
];
const hexOf = (text: string): string => [...text].map((sign) => sign.codePointAt(0)?.toString(16)).join(' ');
const named = (signs: readonly string[]) => signs.map((sign) => [hexOf(sign), sign] as const);

const reason = (read: { ok: boolean; reason?: string }) => (read.ok ? 'ok' : read.reason);

describe('a code of six digits', () => {
  it.each([
    '123456',
    '123 456',
    '123-456',
    ' 123456 ',
    `123${NBSP}456`,
    '1 2 3 4 5 6',
    '１２３４５６',
    '١٢٣٤٥٦',
    '۱۲۳۴۵۶',
    '१२३४५६',
    '12３٤۵6',
    '123456.',
    '"123456"',
    '“123456”',
    '„123456“',
    '«123456»',
    "'123456'",
    '(123456)',
    '[123456]',
    '123456\n',
    '123456\r\n',
    '\t123456',
    '123.456',
    '123,456',
    '*123456*',
    '#123456',
    '123456!',
    '\u202a123456\u202c',
    '\u200e123456',
    '1\u200b2\u200b3456',
    '\ufeff123456',
    '１２３　４５６',
    '1️2️3️4️5️6️',
  ])('check 2: is read from %j', (text) => {
    expect(readDigits(text, 6)).toEqual({ ok: true, code: '123456' });
  });

  it.each([...named(spaces), ...named(invisible), ...named(dashes)])(
    'may have U+%s before, between and after its digits',
    (_name, sign) => {
      expect(readDigits(`${sign}123${sign}456${sign}`, 6)).toEqual({ ok: true, code: '123456' });
    },
  );

  it('check 3: keeps its zeros', () => {
    expect(readDigits('000123', 6)).toEqual({ ok: true, code: '000123' });
    expect(readDigits('٠٠٠١٢٣', 6)).toEqual({ ok: true, code: '000123' });
  });

  it.each<[unknown, string]>([
    ['', 'code_empty'],
    ['   ', 'code_empty'],
    ['\u200b', 'code_empty'],
    ['-', 'code_empty'],
    ['12345', 'code_short'],
    ['1234567', 'code_long'],
    ['123456123456', 'code_long'],
    ['abcdef', 'code_letters'],
    ['12345a', 'code_letters'],
    ['12345O', 'code_letters'],
    ['1e5', 'code_letters'],
    ['0x1234', 'code_letters'],
    ['+123456', 'code_letters'],
    ['123456€', 'code_letters'],
    ['🔑123456', 'code_letters'],
    ['<b>123456</b>', 'code_letters'],
    ['১২৩৪৫৬', 'code_letters'],
    ['null', 'code_letters'],
    ['true', 'code_letters'],
  ])('is not %j: %s', (text, expected) => {
    expect(reason(readDigits(text, 6))).toBe(expected);
  });

  it.each([
    [undefined],
    [null],
    [123_456],
    [12_345],
    [0],
    [1e5],
    [Number.NaN],
    [true],
    [false],
    [{}],
    [{ $ne: null }],
    [{ $gt: '' }],
    [[]],
    [['123456']],
    [[1, 2, 3, 4, 5, 6]],
    [Buffer.from('123456')],
    [new Date(0)],
    [123_456n],
    [Symbol('123456')],
    [() => '123456'],
    // Has all that text has, but is none.
    [{ length: 6, normalize: () => '123456', toString: () => '123456' }],
    [Object('123456')],
  ])('is not %p, which is no text: a JSON number has lost its zeros (ACVP #329)', (value) => {
    expect(readDigits(value, 6)).toMatchObject({ ok: false, code: 'malformed', field: 'code' });
  });

  it.each([
    'Code: 123456',
    '123456 is your code',
    'G-Mail says: 123456.',
    '123456 is your code to sign in to WebAdmin. It works for five minutes.\n\n@admin.example.com #123456',
    '@admin.example.com #123456',
    'Your code: 123456 (valid for 10 minutes, until 14:05)',
    'Váš kód je 123456. Platí pět minut.',
    'رمزك هو ١٢٣٤٥٦.',
    'Le code\u00a0: «\u00a0123456\u00a0»',
    'Code: \u2068123456\u2069, on 24.11.2026',
  ])('is taken out of the message %j', (text) => {
    expect(readDigits(text, 6)).toEqual({ ok: true, code: '123456' });
  });

  it.each([
    'Your codes: 123456 and 654321',
    'Code 123 456',
    'Code 12345 and 6',
    'Order A123456 has arrived',
    'Call +123456 now',
    'Order 2026-123456',
    'You paid 1.123456 EUR',
    'You paid 123456,50 EUR',
    'You paid 123456€',
    'Your code is 1234567',
    'Your code is here: https://x.example/a123456b',
  ])('is not guessed from the message %j', (text) => {
    expect(reason(readDigits(text, 6))).toBe('code_letters');
  });

  it('is not longer than 512 characters, spaces included, and not 8 kB of anything', () => {
    for (const text of [
      `123456${' '.repeat(507)}`,
      '1'.repeat(8192),
      ' '.repeat(8192),
      '\u200b'.repeat(8192),
    ])
      expect(reason(readDigits(text, 6))).toBe('code_long');
    expect(reason(readDigits(`123456${' '.repeat(506)}`, 6))).toBe('ok');
  });

  it('is not one sign that stands for eighteen letters', () => {
    expect(reason(readDigits('\ufdfa'.repeat(64), 6))).toBe('code_letters');
  });

  it('has four different reasons for being wrong, and never the code itself in the answer', () => {
    const answers = ['abcdef', '12345', '1234567', ''].map((text) => readDigits(text, 6));
    expect(new Set(answers.map(reason)).size).toBe(4);
    expect(JSON.stringify(answers)).not.toMatch(/12345|abc/);
  });

  it('is six ASCII digits or nothing, whatever was typed, and reading it fails never', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(fc.constantFrom(...spaces, ...dashes, ...invisible, '1', '٣', '５', 'a'), { maxLength: 30 })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const read = readDigits(typed, 6);
        expect(read.code).toMatch(read.ok ? /^[0-9]{6}$/ : /^malformed$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a backup code', () => {
  const code = '7K9MQ4X2W8E0B1NZ';
  const spelled = '7K9M-Q4X2-W8E0-B1NZ';

  it.each([
    code,
    spelled,
    spelled.toLowerCase(),
    ` ${spelled} `,
    '7k9m q4x2 w8e0 b1nz',
    '7K9M–Q4X2—W8E0―B1NZ',
    '7K9M−Q4X2−W8E0−B1NZ',
    '7K9MQ4X2 W8EO BINZ',
    '7k9m-q4x2-w8eo-blnz',
    '7K9M-Q4X2-W8Eo-BiNZ',
    `1. ${spelled}`,
    `10. ${spelled}`,
    `1) ${spelled}`,
    `(3) ${spelled}`,
    `#4 ${spelled}`,
    `5: ${spelled}`,
    `6 - ${spelled}`,
    `07 ${spelled}`,
    `• ${spelled}`,
    `* ${spelled}`,
    `- ${spelled}`,
    `${spelled}\r\n`,
    `"${spelled}"`,
    `${spelled},`,
    `${spelled}.`,
    '７Ｋ９Ｍ－Ｑ４Ｘ２－Ｗ８Ｅ０－Ｂ１ＮＺ',
    '\u202a7K9M-Q4X2\u200b-W8E0-B1NZ\u202c',
    `7K9M${NBSP}Q4X2${NBSP}W8E0${NBSP}B1NZ`,
    '٧K٩M-Q٤X٢-W٨E٠-B١NZ',
  ])('check 11: is read from %j', (text) => {
    expect(readBackupCode(text)).toEqual({ ok: true, code });
  });

  it.each([...named(spaces), ...named(invisible), ...named(dashes)])(
    'may have U+%s between its groups',
    (_name, sign) => {
      expect(readBackupCode(`${sign}7K9M${sign}Q4X2${sign}W8E0${sign}B1NZ${sign}`)).toEqual({
        ok: true,
        code,
      });
    },
  );

  it.each<[unknown, string]>([
    ['', 'code_empty'],
    ['----', 'code_empty'],
    ['123456', 'code_short'],
    ['7K9M-Q4X2-W8E0-B1N', 'code_short'],
    ['XK9M-Q4X2-W8E0-B1NZA', 'code_long'],
    ['123 7K9M-Q4X2-W8E0-B1NZ', 'code_long'],
    ['7K9M-Q4X2-W8E0-B1NZ '.repeat(2), 'code_long'],
    ['UUUU-UUUU-UUUU-UUUU', 'code_letters'],
    ['7K9M-Q4X2-W8E0-B1N€', 'code_letters'],
    ['7K9M-Q4X2-W8E0-B1N+', 'code_letters'],
    ['ЖЖЖЖ-ЖЖЖЖ-ЖЖЖЖ-ЖЖЖЖ', 'code_letters'],
  ])('is not %j: %s', (text, expected) => {
    const read = readBackupCode(text);
    expect(read).toMatchObject({ ok: false, code: 'malformed', field: 'code' });
    expect(reason(read)).toBe(expected);
  });

  it.each([[undefined], [null], [1_234_567_890_123_456], [true], [{}], [[]], [[spelled]], [Object(spelled)]])(
    'is not %p, which is no text',
    (value) => {
      expect(readBackupCode(value)).toMatchObject({ ok: false, code: 'malformed', field: 'code' });
    },
  );

  it.each(['B1NZ', 'b1nz', ' B1NZ ', 'BINZ', '-b1nz', 'Ｂ１ＮＺ'])(
    'may be kept as its last block, %j',
    (text) => {
      expect(readEndOfBackupCode(text)).toEqual({ ok: true, code: 'B1NZ' });
      expect(reason(readBackupCode(text))).toBe('code_short');
    },
  );

  it.each([
    ['', 'code_empty'],
    ['1NZ', 'code_short'],
    ['0B1NZ', 'code_short'],
    ['W8E0-B1NZ', 'code_short'],
    ['B1NU', 'code_short'],
    ['B1N€', 'code_short'],
  ])('is not kept by %j', (text, expected) => {
    expect(reason(readEndOfBackupCode(text))).toBe(expected);
    expect(readEndOfBackupCode(spelled)).toEqual({ ok: true, code });
  });

  it('is not 8 kB of anything', () => {
    for (const text of ['x'.repeat(8192), ' '.repeat(8192), spelled.repeat(400)])
      expect(reason(readBackupCode(text))).toBe('code_long');
  });

  it('is sixteen letters of Crockford’s base32 or nothing, whatever was typed', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(fc.constantFrom(...Array.from('0123456789abcXYZoOiIlLuU'), ...dashes, 'ß', 'ſ', 'ı', 'İ'), {
          maxLength: 30,
        })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const read = readBackupCode(typed);
        expect(read.code).toMatch(read.ok ? /^[0-9A-HJKMNP-TV-Z]{16}$/ : /^malformed$/);
      }),
      { numRuns: 500 },
    );
  });
});
