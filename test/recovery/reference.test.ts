import { createKeyRing } from '../../lib/crypto/key-ring';
import { createCheckCodes, randomReference } from '../../lib/recovery/reference';

const [OLD, NEW] = ['11'.repeat(32), '22'.repeat(32)];
const codes = createCheckCodes(createKeyRing([OLD]));

describe('a reference', () => {
  it('is RA- and ten letters that are mistaken for no digit, and another one each time', () => {
    const many = Array.from({ length: 1000 }, randomReference);
    expect(many.filter((one) => !/^RA-[ABCDEFGHJKMNPQRSTUVWXYZ]{10}$/.test(one))).toEqual([]);
    expect(new Set(many).size).toBe(1000);
  });
});

describe('a check code', () => {
  it('is six digits and capitals', () => {
    for (let at = 0; at < 100; at += 1) expect(codes.of(randomReference())).toMatch(/^[0-9A-Z]{6}$/);
  });

  it('is right with its own reference, however that was typed', () => {
    const reference = randomReference();
    const code = codes.of(reference);
    expect(codes.isRight(reference, code)).toBe(true);
    expect(
      codes.isRight(` ${reference.toLowerCase()}`, `${code.slice(0, 3)} ${code.slice(3).toLowerCase()}`),
    ).toBe(true);
  });

  it('finds a mistake in any one character of either', () => {
    const reference = randomReference();
    const code = codes.of(reference);
    const mistaken = (text: string): string[] =>
      Array.from(text).flatMap((right, at) =>
        Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-')
          .filter((wrong) => wrong !== right)
          .map((wrong) => text.slice(0, at) + wrong + text.slice(at + 1)),
      );
    expect(mistaken(reference).filter((wrong) => codes.isRight(wrong, code))).toEqual([]);
    expect(mistaken(code).filter((wrong) => codes.isRight(reference, wrong))).toEqual([]);
  });

  it('that an older key made is right as long as the key is in the ring', () => {
    const reference = randomReference();
    const rotated = createCheckCodes(createKeyRing([NEW, OLD]));
    expect(rotated.of(reference)).not.toBe(codes.of(reference));
    expect(rotated.isRight(reference, codes.of(reference))).toBe(true);
    expect(createCheckCodes(createKeyRing([NEW])).isRight(reference, codes.of(reference))).toBe(false);
  });
});
