import { isGsm7, septets, transliterate } from '../../lib/delivery/gsm7';

describe('the alphabet of text messages (3GPP TS 23.038)', () => {
  it('has 127 letters that count once, and ten that count twice', () => {
    const points = Array.from({ length: 0x3000 }, (_, point) => String.fromCodePoint(point));
    expect(points.filter((letter) => septets(letter) === 1)).toHaveLength(127);
    expect(points.filter((letter) => septets(letter) === 2).join('')).toBe('\f[\\]^{|}~€');
  });

  it.each([
    ['', 0],
    ['abc', 3],
    ['@host #123456', 13],
    ['10 €', 5],
    ['a\nb', 3],
    ['č', undefined],
    ['ç', undefined],
    ['`', undefined],
    ['\t', undefined],
    ['👾', undefined],
  ])('%j takes %s', (text, taken) => {
    expect(septets(text)).toBe(taken);
    expect(isGsm7(text)).toBe(taken !== undefined);
  });

  it.each([
    ['Café für Ägypten', 'Café für Ägypten'],
    ['příliš žluťoučký kůň', 'prilis zlutoucky kun'],
    ['Cafe\u0301', 'Café'],
    ['Zażółć gęślą jaźń', 'Zazolc gesla jazn'],
    ['İstanbul ışık', 'Istanbul isik'],
    ['„Übung“ – jetzt…', '"Übung" - jetzt...'],
    ['l’été\u00a0à\u202fParis', "l'été à Paris"],
    ['Đặng œuvre Þór', 'Dang oeuvre Thor'],
    ['ελληνικά', 'ελληνικα'],
    ['日本', '日本'],
  ])('%s is written %s', (text, written) => {
    expect(transliterate(text)).toBe(written);
  });
});
