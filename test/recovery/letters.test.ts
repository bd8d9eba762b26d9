import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Pdf from 'pdfkit';
import cs from '../../views/locales/cs.json';
import en from '../../views/locales/en.json';
import { hasEveryLetter, hasLetter, spelledOut } from '../../lib/recovery/letters';

const NAMES = [
  'Příliš žluťoučký kůň úpěl ďábelské ódy',
  'Nguyễn Thị Hương',
  'Łódź',
  'Đặng',
  'İĞŞ',
  'Ærøskøbing',
  'Þórður',
  'ẞ ŵ Ə',
];

/** As pdfkit itself sees the file. */
function glyphsOf(weight: string): (point: number) => boolean {
  const file = readFileSync(join(__dirname, `../../lib/recovery/fonts/NotoSans-${weight}.ttf`));
  const { font } = Reflect.get(new Pdf({ font: file as never }), '_font') as {
    font: { hasGlyphForCodePoint(point: number): boolean };
  };
  return (point) => font.hasGlyphForCodePoint(point);
}

describe('the letters of the form', () => {
  it.each(['Regular', 'Bold'])('are those that the %s font has', (weight) => {
    const isThere = glyphsOf(weight);
    const wrong = Array.from({ length: 0xffff }, (_, point) => point).filter(
      (point) => point >= 0x20 && hasLetter(String.fromCodePoint(point)) && !isThere(point),
    );
    expect(wrong.map((point) => point.toString(16))).toEqual([]);
  });

  it('are enough for every text of ours, and for names from all over Europe and Vietnam', () => {
    const texts = [...Object.values(en), ...Object.values(cs), ...NAMES];
    expect(texts.filter((text) => !hasEveryLetter(text))).toEqual([]);
    expect(texts.map(spelledOut)).toEqual(texts.map((text) => text.normalize('NFC')));
  });
});

describe('a letter that the fonts lack', () => {
  it.each([
    ['😀', '[U+1F600]'],
    ['Иван', '[U+0418][U+0432][U+0430][U+043D]'],
    ['①', '1'],
    ['ﬀ', 'ff'],
    ['Ｗｅｂ', 'Web'],
    ['\u{1F469}\u200D\u{1F4BB}', '[U+1F469] [U+1F4BB]'],
    ['a\u202Eb\nc', 'a b c'],
  ])('is written in another way: %s', (text, written) => {
    expect(spelledOut(text)).toBe(written);
  });
});
