import fc from 'fast-check';
import { type MailCode, mailText } from '../../lib/delivery/mail-text';
import { randomReference } from '../../lib/crypto/random';
import { createCatalogue } from '../../lib/pages/catalogue';

const catalogue = createCatalogue({ ar: { 'mail.secret': 'لا تخبر أحدا.' } });
const usual: MailCode = {
  purpose: 'sign_in',
  code: '012345',
  appName: 'WebAdmin',
  reference: 'BCDFGHJK',
  minutes: 5,
};
const mail = (lang: string, given: Partial<MailCode> = {}) =>
  mailText(catalogue, { lang, dir: lang === 'ar' ? 'rtl' : 'ltr' }, { ...usual, ...given });

/** What a reader sees of the HTML, and its tags with their attributes. */
const seen = (html: string) =>
  html
    .replace(/<title>.*<\/title>/, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'");
const tags = (html: string) => [...html.matchAll(/<\/?([a-z]+)/g)].map(([, name]) => name);

describe('the mail with a code', () => {
  it('C5: says code, service, purpose, expiry, reference, and to tell nobody', () => {
    expect(mail('en')).toMatchObject({
      subject: 'Your code to sign in to WebAdmin (BCDFGHJK)',
      text: [
        'This is your code to sign in to WebAdmin:',
        '012345',
        'It works once, for 5 minutes.',
        'Reference: BCDFGHJK. The page that asks for the code shows the same letters.',
        "Don't share the code with anyone, and don't type it on any other page.",
        "If you didn't ask for it, someone knows your password: change it.\n",
      ].join('\n\n'),
    });
  });

  it('C5: has other words for a sign-in, a confirmation and a new mailbox', () => {
    for (const lang of ['en', 'cs']) {
      const mails = (['sign_in', 'confirm', 'enrol'] as const).map((purpose) => mail(lang, { purpose }));
      for (const part of ['subject', 'text', 'html'] as const)
        expect(new Set(mails.map((each) => each[part])).size).toBe(3);
    }
  });

  it('says the same as HTML', () => {
    for (const lang of ['en', 'cs', 'ar'])
      for (const purpose of ['sign_in', 'confirm', 'enrol'] as const) {
        const { text, html } = mail(lang, { purpose });
        expect(seen(html).split(/\n+/).filter(Boolean)).toEqual(text.split(/\n+/).filter(Boolean));
      }
  });

  it('has the language and direction of its reader, and the code and the name have their own', () => {
    expect(mail('ar').html).toMatch(/^<!doctype html>\n<html lang="ar" dir="rtl">/);
    expect(mail('cs').html).toContain('<html lang="cs" dir="ltr">');
    expect(mail('ar').html).toContain('\n<bdi dir="ltr">\n012345\n</bdi>\n');
    expect(mail('ar').html).toContain('<bdi>WebAdmin</bdi>');
  });

  it('loads nothing, links nowhere and has no colours of its own', () => {
    const { html } = mail('en');
    expect(new Set(tags(html))).toEqual(new Set(['html', 'head', 'meta', 'title', 'body', 'p', 'bdi']));
    expect(html).not.toMatch(/href|src|url\(|@import|https?:|colou?r:|background/i);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
  });

  it('sciencehistory/scihist_digicoll PR #2499: two of them have two subjects, so that none is folded away', () => {
    expect(mail('en', { reference: 'BBBBBBBB' }).subject).not.toBe(
      mail('en', { reference: 'CCCCCCCC' }).subject,
    );
  });

  it('LemmyNet/lemmy #2921: has the code on a line of its own in both parts, so that no mailer splits it', () => {
    for (const lang of ['en', 'cs', 'ar']) {
      expect(mail(lang).text.split('\n')).toContain('012345');
      expect(mail(lang).html.split('\n')).toContain('012345');
    }
  });

  it.each([
    ['Účto', 'Účto'],
    ['👾 宮腰', '👾 宮腰'],
    ['Forum 24', 'Forum 24'],
    ['Studio 2000', 'Studio 2000'],
    ['Bank 123456', 'Bank'],
    ['Bank 123 456', 'Bank'],
    ['Bank 123-456-789', 'Bank'],
    ['12\u200b3456', 'this site'],
    ['１２３４５６', 'this site'],
    ['evil.com', 'evil com'],
    ['www.evil.com/x?y=1', 'www evil com x?y 1'],
    ['https://evil.com', 'https evil com'],
    ['anna@evil.com', 'anna evil com'],
    ['Smith & Co.', 'Smith & Co.'],
    ["O'Neil", "O'Neil"],
    ['Shop\r\nBcc: eve', 'Shop Bcc: eve'],
    ['\u202eknaB\u2066', 'knaB'],
    ['{code}', 'code'],
    ['\u0000', 'this site'],
  ])('with an app named %j names it %j', (appName, shown) => {
    expect(mail('en', { appName }).subject).toBe(`Your code to sign in to ${shown} (BCDFGHJK)`);
    expect(mail('en', { appName }).text).toContain(`This is your code to sign in to ${shown}:\n\n012345\n\n`);
  });

  const anyMail = fc.record({
    purpose: fc.constantFrom('sign_in', 'confirm', 'enrol'),
    code: fc.stringMatching(/^\d{6}$/),
    appName: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 64 }),
      fc.string({
        unit: fc.constantFrom(...Array.from('ab12345 .,:-@/<>&"\'\r\n\u2028\u202e\u200b１٣{}')),
        maxLength: 80,
      }),
    ),
    reference: fc.constant('BCDFGHJK'),
    minutes: fc.integer({ min: 1, max: 10 }),
  });
  const anyLanguage = fc.constantFrom('en', 'cs', 'ar');

  it('has the code once in each part and not in the subject, and no other run of six digits', () => {
    fc.assert(
      fc.property(anyLanguage, anyMail, (lang, given) => {
        const { subject, text, html } = mail(lang, given);
        expect(text.match(/\d{6,}/g)).toEqual([given.code]);
        expect(html.match(/\d{6,}/g)).toEqual([given.code]);
        expect(subject).not.toMatch(/\d{6}/);
      }),
      { numRuns: 300 },
    );
  });

  it('has a subject of one line, whatever the app is named', () => {
    fc.assert(
      fc.property(anyLanguage, anyMail, (lang, given) => {
        const { subject } = mail(lang, given);
        expect(subject).not.toMatch(/[\r\n\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(Array.from(subject).length).toBeLessThanOrEqual(150);
      }),
      { numRuns: 300 },
    );
  });

  it('has a subject of one line, whatever an app’s own text says', () => {
    const texts = createCatalogue({
      de: { 'mail.sign_in.subject': `a\r\nBcc: eve\n${'x'.repeat(999)}` },
    });
    const { subject } = mailText(texts, { lang: 'de', dir: 'ltr' }, usual);
    expect(subject).toMatch(/^a Bcc: eve x+$/);
    expect(subject).toHaveLength(150);
  });

  it('check 17: has no link, and nothing that a reader makes one of', () => {
    fc.assert(
      fc.property(anyLanguage, anyMail, (lang, given) => {
        const { text, html } = mail(lang, given);
        expect(text).not.toMatch(/:\/\/|@|[\p{L}\p{N}]\.[\p{L}\p{N}]/u);
        expect(tags(html)).not.toContain('a');
      }),
      { numRuns: 300 },
    );
  });

  it('has no tag, attribute or entity that came in with a name', () => {
    const shape = tags(mail('en').html);
    fc.assert(
      fc.property(anyMail, (given) => {
        const { html } = mail('en', given);
        expect(tags(html)).toEqual(shape);
        expect(html.replace(/&(?:amp|lt|gt|#34|#39);/g, '')).not.toMatch(/&/);
      }),
      { numRuns: 300 },
    );
    const { html } = mail('en', { appName: `A&B "it's"` });
    expect(html).toContain('<bdi>A&amp;B &#34;it&#39;s&#34;</bdi>');
  });
});

describe('a reference', () => {
  it('is eight letters without vowels and without what is taken for a digit', () => {
    const many = Array.from({ length: 2000 }, randomReference);
    expect(many.every((reference) => /^[BCDFGHJKMNPRSTVWXYZ]{8}$/.test(reference))).toBe(true);
    expect(new Set(many).size).toBe(2000);
    expect(new Set(many.join('')).size).toBe(19);
  });
});
