import { randomCode } from '../../lib/crypto/random';

describe('a code to send', () => {
  it('B1: is six digits, ten thousand of them without a pattern in any place', () => {
    const codes = Array.from({ length: 10_000 }, randomCode);
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    for (const place of [0, 1, 2, 3, 4, 5]) {
      const counts = Array.from({ length: 10 }, (_, digit) => {
        return codes.filter((code) => code[place] === String(digit)).length;
      });
      const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      // 9 degrees of freedom: passed by chance once in 10^7 runs.
      expect(chiSquare).toBeLessThan(50);
    }
    expect(new Set(codes).size).toBeGreaterThan(9_850);
  });

  it('B1: comes from the system’s own generator', () => {
    const guessable = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(new Set(Array.from({ length: 20 }, randomCode)).size).toBeGreaterThan(10);
    expect(guessable).not.toHaveBeenCalled();
    guessable.mockRestore();
  });
});
