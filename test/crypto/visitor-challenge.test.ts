import { createKeyRing } from '../../lib/crypto/key-ring';
import { createVisitorChallenges } from '../../lib/crypto/visitor-challenge';

const [old, young] = ['11'.repeat(32), '22'.repeat(32)];
const by = (...keys: readonly string[]) => createVisitorChallenges(createKeyRing(keys));
const noon = Date.UTC(2026, 10, 24, 12);

describe('A challenge for a visitor', () => {
  it('is 32 bytes, another one each time, and says when it was made', () => {
    const challenges = by(old);
    const made = Array.from({ length: 100 }, () => challenges.make('visitor', noon));
    expect(new Set(made).size).toBe(100);
    for (const challenge of made) {
      expect(challenge).toMatch(/^[\w-]{43}$/);
      expect(challenges.madeAt('visitor', challenge)).toBe(noon);
    }
  });

  it.each([0, 1, noon + 0.7, 2 ** 48 - 1])('knows the time %d', (at) => {
    expect(by(old).madeAt('v', by(old).make('v', at))).toBe(Math.floor(at));
  });

  it('of a clock before 1970 is as old as can be', () => {
    expect(by(old).madeAt('v', by(old).make('v', -1))).toBe(0);
  });

  it('is of this visitor alone', () => {
    const challenge = by(old).make('visitor 1', noon);
    for (const other of ['visitor 2', 'visitor 11', 'visitor ', '', 'visitor 1 '])
      expect(by(old).madeAt(other, challenge)).toBeNull();
  });

  it('has no bit that can be changed', () => {
    const bytes = Buffer.from(by(old).make('visitor', noon), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(by(old).madeAt('visitor', changed.toString('base64url'))).toBeNull();
    }
  });

  it.each(['', 'A', 'x'.repeat(42), 'x'.repeat(44), 'not base64 at all', '\u0000'])(
    'is not read from %j',
    (challenge) => {
      expect(by(old).madeAt('visitor', challenge)).toBeNull();
    },
  );

  it('is read by whoever has the key that made it, in whatever place of the ring', () => {
    const challenge = by(old).make('visitor', noon);
    expect(by(young, old).madeAt('visitor', challenge)).toBe(noon);
    expect(by(young).madeAt('visitor', challenge)).toBeNull();
  });
});
