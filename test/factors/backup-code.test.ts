import type { Account } from '../../lib/account/account';
import { newBackupCodes, useBackupCode } from '../../lib/account/backup-codes';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { refuse } from '../../lib/errors';
import { checkBackupCode, makeBackupCodes, sealBackupCode } from '../../lib/factors/backup-code';
import { readBackupCode, spellCode } from '../../lib/factors/code-text';
import { ada, anAccount, noon } from '../account/an-account';

const seal = createSeal(createKeyRing(['11'.repeat(32)]));
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function withCodes(codes: readonly string[], userId = ada): Account {
  const digests = codes.map((code) => sealBackupCode(userId, code, seal));
  return { ...anAccount(), userId, backupCodes: newBackupCodes(digests, noon) };
}

describe('a set of backup codes', () => {
  it('is ten codes of 80 bits that are read as they are spelled', () => {
    const codes = makeBackupCodes();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
      const spelled = spellCode(code);
      expect(spelled).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(readBackupCode(spelled)).toEqual({ ok: true, code });
    }
  });

  it('is drawn evenly: at every place of the code all 32 letters are as likely', () => {
    const codes = Array.from({ length: 400 }, makeBackupCodes).flat();
    for (let place = 0; place < 16; place += 1) {
      const counts = new Map(Array.from(alphabet).map((letter) => [letter, 0]));
      for (const code of codes) counts.set(code.charAt(place), (counts.get(code.charAt(place)) ?? 0) + 1);
      expect(counts.size).toBe(32);
      const expected = codes.length / 32;
      const chiSquare = [...counts.values()].reduce(
        (sum, count) => sum + (count - expected) ** 2 / expected,
        0,
      );
      // 31 degrees of freedom: above 90 once in ten million.
      expect(chiSquare).toBeLessThan(90);
    }
    expect(new Set(codes).size).toBe(4000);
  });
});

describe('a backup code', () => {
  const [first = '', second = '', ...rest] = makeBackupCodes();
  const account = withCodes([first, second, ...rest]);

  it('is known by its place in the set', () => {
    expect(checkBackupCode(account, first, seal)).toEqual({ ok: true, position: 0 });
    expect(checkBackupCode(account, rest.at(-1) ?? '', seal)).toEqual({ ok: true, position: 9 });
  });

  it('is told from a wrong one once it was used, and takes no other with it', () => {
    const used = useBackupCode(account, 0, noon);
    expect(checkBackupCode(used, first, seal)).toEqual(refuse('code_used'));
    expect(checkBackupCode(used, second, seal)).toEqual({ ok: true, position: 1 });
  });

  it('is wrong with any letter changed, missing or added', () => {
    for (let at = 0; at < 16; at += 1) {
      const letter = first[at] === '0' ? '1' : '0';
      expect(checkBackupCode(account, first.slice(0, at) + letter + first.slice(at + 1), seal)).toEqual(
        refuse('wrong_code'),
      );
    }
    for (const text of [
      '',
      first.slice(1),
      `${first}0`,
      first.toLowerCase() === first ? 'x' : first.toLowerCase(),
    ])
      expect(checkBackupCode(account, text, seal)).toEqual(refuse('wrong_code'));
  });

  it('is of no use in an account without a set', () => {
    expect(checkBackupCode({ ...account, backupCodes: null }, first, seal)).toEqual(refuse('wrong_code'));
  });

  it('of one user is wrong for another, and its row does not open there', () => {
    const bob = 'bob' as typeof ada;
    expect(checkBackupCode(withCodes([first], bob), second, seal)).toEqual(refuse('wrong_code'));
    expect(() => checkBackupCode({ ...account, userId: bob }, first, seal)).toThrow(
      'A stored secret cannot be opened.',
    );
  });

  it('is at rest neither in the clear nor as a bare digest that one could look up', () => {
    const stored = JSON.stringify(account);
    for (const code of [first, second, ...rest]) expect(stored).not.toContain(code);
    const again = JSON.stringify(withCodes([first, second, ...rest]));
    expect(account.backupCodes?.codes[0]?.digest).not.toBe(JSON.parse(again).backupCodes.codes[0].digest);
  });
});
