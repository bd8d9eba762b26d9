import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, statusOfCode } from '../../lib/errors';
import { createCatalogue, type TextKey } from '../../lib/pages/catalogue';
import cs from '../../views/locales/cs.json';
import en from '../../views/locales/en.json';

const catalogue = createCatalogue();
const all: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, cs };
const baseOf = (key: string) => key.replace(/\.(zero|one|two|few|many|other)$/, '');
const placeholders = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').toSorted();

describe.each(Object.entries(all))('the texts in %s', (lang, texts) => {
  it('check 53: have the keys of English, and every plural category of their language', () => {
    const bases = new Set(Object.keys(texts).map(baseOf));
    expect([...bases].toSorted()).toEqual([...new Set(Object.keys(en).map(baseOf))].toSorted());
    const categories = new Intl.PluralRules(lang).resolvedOptions().pluralCategories.toSorted();
    const plurals = new Set(
      Object.keys(texts)
        .filter((key) => baseOf(key) !== key)
        .map(baseOf),
    );
    for (const base of plurals) {
      const own = Object.keys(texts).filter((key) => key !== base && baseOf(key) === base);
      expect(own.map((key) => key.slice(base.length + 1)).toSorted()).toEqual(categories);
    }
    expect(plurals.size).toBeGreaterThan(2);
  });

  it('fill in what English fills in', () => {
    const english: Readonly<Record<string, string>> = en;
    for (const [key, text] of Object.entries(texts)) {
      const original = english[key] ?? english[`${baseOf(key)}.other`] ?? '';
      expect([key, placeholders(text)]).toEqual([key, placeholders(original)]);
    }
  });

  it('check 10: are none of those that browsers take for the code of a payment card', () => {
    // Chromium's heuristics for the field of a CVC, in the languages it knows.
    const card =
      /verif|security.?(code|number|value)|card.?(code|identification|pin)|\bc-?v-?[cnv]\b|\bcsc\b|\bccv\b|bezpečnostní.?kód|ověřovací.?kód|kontrolní.?kód/i;
    for (const [key, text] of Object.entries(texts)) expect([key, card.test(text)]).toEqual([key, false]);
  });

  it('use one kind of quotes and of apostrophes', () => {
    for (const [key, text] of Object.entries(texts)) expect([key, /["’`]/.test(text)]).toEqual([key, false]);
  });

  it('have no space at an end, no double space and no empty text', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect([key, text]).toEqual([key, text.trim().replace(/ {2,}/g, ' ')]);
      expect(text).not.toBe('');
    }
  });
});

describe('the catalogue', () => {
  it('has a message and an error for every code', () => {
    const codes = Object.keys(statusOfCode) as ErrorCode[];
    const wanted = codes.flatMap((code) => [
      `error.${code}`,
      `message.${code}.title`,
      `message.${code}.text`,
    ]);
    expect(wanted.filter((key) => !catalogue.has(key))).toEqual([]);
  });

  it('has every text that a template asks for', () => {
    const folder = join(__dirname, '../../views');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ejs'),
    );
    const asked = files.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/\b(?:t|rich)\('([^']+)'/g)].map(
        ([, key]) => key ?? '',
      ),
    );
    expect(asked.length).toBeGreaterThan(80);
    expect(asked.filter((key) => !catalogue.has(key))).toEqual([]);
  });

  it('has none that nobody asks for', () => {
    const room = (folder: string) =>
      readdirSync(join(__dirname, '../..', folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ejs|ts)$/.test(name))
        .map((name) => readFileSync(join(__dirname, '../..', folder, name), 'utf8'));
    const sources = [...room('views'), ...room('lib')].join('\n');
    // Picked by a code, a type or a name that the page computes.
    const computed =
      /^(type|error|message|shut|notice|told|answer|reply|missing|evidence|next|passkey|factor\.leftover|key\.(about|problem)|enrol\.(step|webauthn\.name)|step\.\S+\.(intro|label|hint|can_send|which)|(send|enrol)\.otp-(sms|email)\.\w+|codes\.(enough|low|empty)|activity\.(\w+\.)?[\w-]+\.|lost\.(factor|codes|browser|pdf)|form\.(lost|enclosed|copies)|request\.(state|step|now|longer|address|add|code)|admin\.(act|route|match|row|verb|done|because|notice_of)|flag|verdict|audit)\b|_what$/;
    const bases = [...new Set(Object.keys(en).map(baseOf))].filter((key) => !computed.test(key));
    expect(bases.filter((key) => !sources.includes(`'${key}'`))).toEqual([]);
  });

  it.each([
    ['en', 1, '1 try left.'],
    ['en', 2, '2 tries left.'],
    ['cs', 1, 'Zbývá 1 pokus.'],
    ['cs', 2, 'Zbývají 2 pokusy.'],
    ['cs', 5, 'Zbývá 5 pokusů.'],
    ['cs', 0, 'Zbývá 0 pokusů.'],
  ])('counts in %s: %d', (lang, count, expected) => {
    expect(catalogue.text(lang, 'error.tries_left', { count })).toBe(expected);
  });

  it('fills in values as they are, once', () => {
    const { text } = createCatalogue();
    expect(text('en', 'factor.title', { label: '{app} $& <b>' })).toBe('Manage {app} $& <b>');
  });

  it('says which text is missing rather than show its key', () => {
    expect(() => catalogue.text('en', 'step.titel' as TextKey)).toThrow('no text "step.titel"');
    expect(() => catalogue.text('en', 'toString' as TextKey)).toThrow('no text "toString"');
  });
});

describe('a language that the app adds', () => {
  it('has its own texts and plurals, and English where it has none', () => {
    const { text, languages } = createCatalogue({
      'pt-br': { 'step.title': 'Confirme que é você', 'error.tries_left.many': 'muitas' },
    });
    expect(languages).toEqual(['en', 'cs', 'pt-BR']);
    expect(text('pt-BR', 'step.title')).toBe('Confirme que é você');
    expect(text('pt-BR', 'step.continue')).toBe('Continue');
    expect(text('pt-BR', 'error.tries_left', { count: 1 })).toBe('1 try left.');
    expect(text('pt-BR', 'error.tries_left', { count: 1_000_000 })).toBe('muitas');
    expect(text('xx', 'step.continue')).toBe('Continue');
  });

  it('may also be one of ours in other words', () => {
    const { text } = createCatalogue({ en: { 'step.title': 'Who goes there?' } });
    expect(text('en', 'step.title')).toBe('Who goes there?');
    expect(text('en', 'step.continue')).toBe('Continue');
    expect(text('cs', 'step.title')).toBe(cs['step.title']);
  });

  it.each([
    ['a key nobody knows', { fr: { 'step.titel': 'x' } }, 'locales.fr: there is no text "step.titel"'],
    ['a key of every object', { fr: { constructor: 'x' } }, 'locales.fr: there is no text "constructor"'],
    ['a plural of what has none', { fr: { 'step.title.few': 'x' } }, 'there is no text "step.title.few"'],
    ['no string', { fr: { 'step.title': 7 as unknown as string } }, '"step.title" is not a string'],
    ['a placeholder nobody fills', { fr: { 'page.skip': 'Hi {user}' } }, 'placeholder {user}'],
    ['no language tag', { 'fr_CA!': {} }, '"fr_CA!" is not a language tag'],
  ])('is refused with %s', (_what, locales, message) => {
    expect(() => createCatalogue(locales)).toThrow(message);
    expect(() => createCatalogue(locales)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });
});
