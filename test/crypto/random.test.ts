import {
  randomBrowserToken,
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
});
