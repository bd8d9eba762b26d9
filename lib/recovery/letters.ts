/** What our fonts have (docs/decisions/the-form-on-paper.md); a test compares this with the files. */
const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x259, 0x259],
  [0x2bb, 0x2bc],
  [0x2c6, 0x2dd],
  [0x300, 0x36f],
  [0x1e00, 0x1eff],
  [0x2010, 0x2027],
  [0x202f, 0x203a],
  [0x20ac, 0x20ac],
  [0x2113, 0x2113],
  [0x2116, 0x2116],
  [0x2122, 0x2122],
  [0x2212, 0x2212],
  [0xfb01, 0xfb02],
  [0xfffd, 0xfffd],
] as const;

/** Whether the fonts have this letter. */
export function hasLetter(letter: string): boolean {
  const point = letter.codePointAt(0) ?? 0;
  return RANGES.some(([first, last]) => point >= first && point <= last);
}

export const hasEveryLetter = (text: string): boolean => [...text.normalize('NFC')].every(hasLetter);

/** Of no width, so not missed; among them are those that change the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Variation_Selector}]/gu;

/**
 * The text, with characters that the fonts lack spelled differently: `①` as `1`, `😀` as `[U+1F600]`. Never as a box.
 */
export const spelledOut = (text: string): string =>
  [...text.normalize('NFC').replace(UNSEEN, ' ').replace(/ {2,}/g, ' ')].map(spelled).join('');

function spelled(letter: string): string {
  if (hasLetter(letter)) return letter;
  const simpler = letter.normalize('NFKC');
  if (simpler !== letter && hasEveryLetter(simpler)) return simpler;
  return `[U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}
