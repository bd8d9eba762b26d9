import en from '../../views/locales/en.json';

const LONGER: Readonly<Record<string, string>> = { a: 'aa', e: 'ee', i: 'ii', o: 'oo', u: 'uu' };

/** English made about 40 % longer, like German, with letters that have marks above and below. */
export const longTexts = pseudo((text) =>
  text.replace(/[aeiou]/g, (vowel) => LONGER[vowel] ?? vowel).replace(/n/g, 'ñ'),
);

/** English in Hebrew letters, read right to left. */
export const rightToLeftTexts = pseudo((text) =>
  text.replace(/[a-z]/gi, (letter) =>
    String.fromCodePoint(0x5d0 + (letter.toLowerCase().charCodeAt(0) - 97)),
  ),
);

/** Every text of the catalogue changed, its `{names}` kept. */
function pseudo(change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(en).map(([key, text]) => [
      key,
      text
        .split(/(\{\w+\})/)
        .map((part) => (part.startsWith('{') ? part : change(part)))
        .join(''),
    ]),
  );
}
