import {
  pool,
  randomBrowserToken,
  randomCode,
  randomFactorId,
  randomLoginId,
  randomRev,
  randomTotpSecret,
} from '../../lib/crypto/random';

describe('random values', () => {
  it('are seeds of 20 bytes, a thousand of them all different and of no pattern (CWE-338)', () => {
    const seeds = Array.from({ length: 1000 }, randomTotpSecret);
    expect(seeds.every((seed) => seed.length === 20)).toBe(true);
    expect(new Set(seeds.map((seed) => seed.toString('hex'))).size).toBe(1000);
    const ones = Buffer.concat(seeds).reduce(
      (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
      0,
    );
    // 160 000 fair coins: 5 standard deviations are 1 000.
    expect(Math.abs(ones - 80_000)).toBeLessThan(1_000);
  });

  it.each([randomFactorId, randomRev, randomLoginId, randomBrowserToken])('are names of 128 bits', (make) => {
    const names = Array.from({ length: 1000 }, () => make());
    expect(new Set<string>(names).size).toBe(1000);
    expect(names.every((name) => /^[\w-]{22}$/.test(name))).toBe(true);
  });

  it('are never given out twice, nor what is left in the pool, whatever sizes are drawn in turn', () => {
    const drawn = Array.from({ length: 3000 }, (_, turn) => pool.draw(12 + (turn % 3) * 2));
    expect(drawn.every((bytes, turn) => bytes.length === 12 + (turn % 3) * 2)).toBe(true);
    expect(new Set(drawn.map((bytes) => bytes.toString('hex', 0, 12))).size).toBe(3000);
    expect(drawn.some((bytes) => bytes.includes(Buffer.alloc(6)))).toBe(false);
  });
});

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
