// 3GPP TS 23.038 §6.2.1: the default alphabet, and the characters that cost two septets because of an escape.
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('\f^{}\\[~]|€');

/** What fits into one message; a longer one is split, and each part is charged. */
export const SEGMENT = 160;

/** How many septets a text takes; undefined if one of its characters is not in the alphabet. */
export function septets(text: string): number | undefined {
  let sum = 0;
  for (const letter of text) {
    if (!BASIC.has(letter) && !EXTENDED.has(letter)) return undefined;
    sum += BASIC.has(letter) ? 1 : 2;
  }
  return sum;
}

export const isGsm7 = (text: string): boolean => septets(text) !== undefined;

const SIGNS: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '`': "'",
  ʼ: "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '…': '...',
};

/** Letters that Unicode does not decompose into a letter and its marks. */
const LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ħ: 'h',
  Ħ: 'H',
  ı: 'i',
  œ: 'oe',
  Œ: 'OE',
  ŋ: 'n',
  Ŋ: 'N',
  ə: 'e',
  Ə: 'E',
  ĸ: 'k',
};

/**
 * A text in the alphabet: unchanged if possible, otherwise without any accents, as people write when they lack them.
 * Characters with no equivalent stay as they are, and `isGsm7` then says no.
 */
export function transliterate(text: string): string {
  const plain = Array.from(
    text
      .normalize('NFC')
      .replace(/\p{Zs}/gu, ' ')
      .replace(/\p{Pd}/gu, '-'),
    (sign) => {
      return SIGNS[sign] ?? sign;
    },
  ).join('');
  if (isGsm7(plain)) return plain;
  return Array.from(
    plain.normalize('NFD').replace(/\p{M}/gu, ''),
    (letter) => LETTERS[letter] ?? letter,
  ).join('');
}
