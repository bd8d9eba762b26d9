import type { IncomingMessage } from 'node:http';
import { createLanguageOf, directionOf, negotiate } from '../../lib/pages/locale';

const languages = ['en', 'cs', 'pt-BR', 'zh'];
const asking = (header?: string) =>
  ({ headers: header === undefined ? {} : { 'accept-language': header } }) as IncomingMessage;

describe('the language of a request', () => {
  it.each([
    ['cs', 'cs'],
    ['CS', 'cs'],
    ['cs-CZ,cs;q=0.9,en;q=0.8', 'cs'],
    ['sk, cs;q=0.5', 'cs'],
    ['en;q=0.3, cs;q=0.4', 'cs'],
    ['cs;q=0, en', 'en'],
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['zh-Hant-TW', 'zh'],
    ['sk', 'en'],
    ['*', 'en'],
    ['*, cs;q=0.1', 'en'],
    ['cs , en', 'cs'],
  ])('is the best of %s', (header, expected) => {
    expect(negotiate(header, languages)).toBe(expected);
  });

  it.each([
    '',
    ',',
    'cs,',
    'cs;q=2',
    'cs;q=-1',
    'cs;q=NaN',
    'cs;q=0.1234',
    'cs; q = 1; q=1',
    'c$',
    'cs\u0000',
    '../../etc/passwd',
    '__proto__',
    'constructor,cs',
    `cs,${'a'.repeat(1000)}`,
    'cs,'.repeat(60).slice(0, -1),
  ])('is English when the header is nonsense: %j', (header) => {
    expect(negotiate(header, languages)).toBe('en');
  });

  it('is English when there is no header', () => {
    expect(createLanguageOf(languages)(asking())).toBe('en');
  });

  it('is what the app says, if it is one of ours, and from the header otherwise', () => {
    const answers: Record<string, string | undefined> = { cs: 'cs-CZ', none: undefined, far: 'xx' };
    const languageOf = createLanguageOf(languages, ({ url }) => answers[url ?? '']);
    const at = (url: string) => languageOf(Object.assign(asking('pt'), { url }));
    expect([at('cs'), at('none'), at('far')]).toEqual(['cs', 'pt-BR', 'pt-BR']);
  });

  it('is found quickly however the header is made', () => {
    const started = performance.now();
    for (const piece of ['a-', '-', ';q=', ' ', 'a;q=0.', 'a,', '\t']) {
      for (const length of [10, 999, 100_000]) negotiate(piece.repeat(length / piece.length), languages);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('the direction of a language', () => {
  it.each(['ar', 'he', 'fa', 'ur', 'ar-EG', 'az-Arab', 'ckb'])('is right to left for %s', (lang) => {
    expect(directionOf(lang)).toBe('rtl');
  });

  it.each(['en', 'cs', 'zh-Hant', 'ur-Latn', 'ja'])('is left to right for %s', (lang) => {
    expect(directionOf(lang)).toBe('ltr');
  });
});
