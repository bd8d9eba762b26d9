// 3GPP TS 23.038 §6.2.1: the default alphabet, and what costs two septets because an escape goes before it.
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('\f^{}\\[~]|€');

/** What one message holds; a longer one is cut into parts, and paid for by the part. */
export const SEGMENT = 160;

/** How much of a message a text takes; undefined if a letter of it is not in the alphabet. */
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

/** Letters that Unicode does not take apart into a letter and its marks. */
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
 * A text in letters of the alphabet: as it is if it can be, else without any accents, as people write where
 * their letters lack. What has no such letter stays as it is: `isGsm7` then says no.
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
