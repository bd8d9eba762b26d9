import fc from 'fast-check';
import { septets } from '../../lib/delivery/gsm7';
import { LONGEST_SMS_HOST, type SmsCode, smsText } from '../../lib/delivery/sms-text';
import { createCatalogue } from '../../lib/pages/catalogue';
import { parseOriginBound } from './one-time-code-format';

const catalogue = createCatalogue({
  el: { 'sms.sign_in': '{code} είναι ο κωδικός σας για {app}.' },
  pl: { 'sms.sign_in': '{code} – twój kod żółwia do „{app}”…', 'sms.secret': 'Nie mów nikomu.' },
  de: { 'sms.sign_in': '{code}: open 24 h at {app}' },
  fr: { 'sms.sign_in': 'Welcome to {app}' },
  it: { 'sms.sign_in': '{code} for\n{app}' },
  nl: { 'sms.sign_in': `{code} ${'long '.repeat(30)} {app}` },
});
const languages = catalogue.languages;
const usual: SmsCode = {
  purpose: 'sign_in',
  code: '012345',
  appName: 'WebAdmin',
  host: 'admin.example.com',
  minutes: 5,
};
const text = (lang: string, sms: Partial<SmsCode> = {}) => smsText(catalogue, lang, { ...usual, ...sms });
const human = (message: string) => message.split('\n\n@')[0] ?? '';

describe('the text message with a code', () => {
  it('C5: says code, service, purpose, expiry, and to tell nobody', () => {
    expect(text('en')).toBe(
      "012345 is your code to sign in to WebAdmin. It works for five minutes. Don't share it with anyone." +
        '\n\n@admin.example.com #012345',
    );
  });

  it('C5: has other words for a sign-in, a confirmation and a new phone', () => {
    for (const lang of ['en', 'cs']) {
      const texts = (['sign_in', 'confirm', 'enrol'] as const).map((purpose) => text(lang, { purpose }));
      expect(new Set(texts).size).toBe(3);
    }
  });

  it('C4: is in the letters of the alphabet where its language has others', () => {
    expect(text('cs')).toBe(
      '012345 je vas kod pro prihlaseni do WebAdmin. Plati pet minut. Nikomu ho nerikejte.' +
        '\n\n@admin.example.com #012345',
    );
    expect(text('pl')).toMatch(/^012345 - twoj kod zolwia do "WebAdmin"\.\.\. It works/);
  });

  it('C4: is in English where no letters of the alphabet stand for those of its language', () => {
    expect(text('el')).toBe(text('en'));
  });

  it('is in English where an app’s own text has other digits, no code, or no end', () => {
    expect(text('de')).toBe(text('en'));
    expect(text('fr')).toBe(text('en'));
    expect(text('nl')).toBe(text('en'));
    expect(human(text('it'))).toMatch(/^012345 for WebAdmin /);
  });

  it.each<[string, string]>([
    ['Účto', 'Ucto'],
    ['👾 Účto', 'Ucto'],
    ['Café Zürich', 'Café Zürich'],
    ['evil.com', 'evil com'],
    ['https://evil.com/x', 'https evil com x'],
    ['Smith & Co.', 'Smith & Co'],
    ['24 hours', 'hours'],
    ['Bank 123456', 'Bank'],
    ['Bank 12٣٤٥٦', 'Bank'],
    ['Shop\n@evil.com #111111', 'Shop evil com'],
    ['Shop\r\n\u2028@evil.com #111111', 'Shop evil com'],
    ['\u202eknaB', 'knaB'],
    ['{code} {app}', 'code app'],
    ['$& $1', 'the site below'],
    ['宮腰', 'the site below'],
    ['24', 'the site below'],
    ['...', 'the site below'],
    ['a\ud800b', 'ab'],
  ])('C4: with an app named %j names it %j', (appName, shown) => {
    expect(human(text('en', { appName }))).toBe(
      `012345 is your code to sign in to ${shown}. It works for five minutes. Don't share it with anyone.`,
    );
    expect(parseOriginBound(text('en', { appName }))).toEqual({ host: 'admin.example.com', code: '012345' });
  });

  it('cuts the name, then leaves sentences out; never the code, the purpose or the last line', () => {
    const appName = 'W'.repeat(64);
    const message = (length: number) => text('en', { appName, host: `${'h'.repeat(length - 4)}.com` });
    for (const length of [20, 40, 50, 60, LONGEST_SMS_HOST]) {
      expect(message(length)).toMatch(/^012345 is your code to sign in to W{12,}\./);
      expect(message(length).endsWith(`\n\n@${'h'.repeat(length - 4)}.com #012345`)).toBe(true);
      expect(septets(message(length))).toBeGreaterThan(100);
    }
    expect(message(40)).toContain(". It works for five minutes. Don't share it with anyone.\n");
    expect(message(60)).toMatch(/W\. Don't share it with anyone\.\n/);
    expect(message(LONGEST_SMS_HOST)).toMatch(/W\.\n/);
  });

  it('says nothing about time where it has no words for it', () => {
    for (const minutes of [0, 11, 2.5, Number.NaN]) expect(text('en', { minutes })).not.toMatch(/works for/);
  });

  it('refuses a host that leaves no room, rather than be two messages', () => {
    expect(() => text('en', { host: `${'h'.repeat(140)}.com` })).toThrow(
      expect.objectContaining({ code: 'wrong_setup' }),
    );
  });

  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 64 }),
    fc.string({
      unit: fc.constantFrom(...Array.from('ab 12.@#/\n\r\u2028\u202e–…€[]{}čßœ宮👾１٣')),
      maxLength: 80,
    }),
  );
  const hosts = fc
    .stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?\.com$/)
    .filter((host) => host.length <= LONGEST_SMS_HOST);
  const any = fc.record({
    purpose: fc.constantFrom('sign_in', 'confirm', 'enrol'),
    code: fc.stringMatching(/^\d{6}$/),
    appName: names,
    host: fc.oneof(hosts, fc.constant('h'.repeat(LONGEST_SMS_HOST)), fc.constant('localhost')),
    minutes: fc.integer({ min: 1, max: 10 }),
  });

  it('C4: is one segment of GSM-7 in every language and for every name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages), any, (lang, sms) => {
        expect(septets(smsText(catalogue, lang, sms))).toBeLessThanOrEqual(160);
      }),
      { numRuns: 500 },
    );
  });

  it('C4, check 17: a browser reads host and code from its last line, after LF and after CRLF', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages), any, (lang, sms) => {
        const message = smsText(catalogue, lang, sms);
        const { host, code } = sms;
        expect(message.split('\n').at(-1)).toMatch(/^@[a-z0-9.-]+ #\d{6}$/);
        expect(parseOriginBound(message)).toEqual({ host, code });
        expect(parseOriginBound(message.replaceAll('\n', '\r\n'))).toEqual({ host, code });
      }),
      { numRuns: 500 },
    );
  });

  it('has no digits but the code before its last line, and nothing to make a link of', () => {
    fc.assert(
      fc.property(fc.constantFrom(...languages), any, (lang, sms) => {
        const before = human(smsText(catalogue, lang, sms));
        expect(before.match(/\p{N}+/gu)).toEqual([sms.code]);
        expect(before).not.toMatch(/[\p{C}@#/\\]|\p{L}\.\p{L}/u);
        // Neos-Metaverse/NeosPublic #2528: punctuation beside a code is copied along with it.
        expect(before).toMatch(/(^| )\d{6}( |$)/);
      }),
      { numRuns: 500 },
    );
  });
});
