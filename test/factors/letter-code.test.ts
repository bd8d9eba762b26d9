import type { RecoveryId } from '../../lib/account/recovery';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { readLetterCode, spellCode } from '../../lib/factors/code-text';
import { isLetterCode, letterDigest, makeLetterCode } from '../../lib/factors/letter-code';
import { userId } from '../contracts/accounts.contract';

const [older, newer] = ['11'.repeat(32), '22'.repeat(32)];
const seal = createSeal(createKeyRing([older]));
const context = { userId: userId('ada'), requestId: 'request' as RecoveryId };
const code = '7K2M9QXR4TNW';

describe('The code of a letter', () => {
  it('has 12 characters, none of which looks like another, and is never the same', () => {
    const codes = Array.from({ length: 200 }, makeLetterCode);
    for (const one of codes) expect(one).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
    expect(new Set(codes).size).toBe(200);
    expect(new Set(codes.join('')).size).toBe(32);
    expect(spellCode(code)).toBe('7K2M-9QXR-4TNW');
  });

  it.each([
    '7K2M-9QXR-4TNW',
    ' 7k2m 9qxr 4tnw\n',
    '7K2M–9QXR—4TNW.',
    '７Ｋ２Ｍ９ＱＸＲ４ＴＮＷ',
    '7K2M\u00AD9QXR\u200B4TNW',
  ])('is read as people type it: %j', (typed) => {
    expect(readLetterCode(typed)).toEqual({ ok: true, code });
  });

  it('may be typed with the letters that look like its digits', () => {
    expect(readLetterCode('OoIi-Ll00-1111')).toEqual({ ok: true, code: '001111001111' });
  });

  it.each([
    ['', 'code_empty'],
    [undefined, 'code_empty'],
    [['7K2M9QXR4TNW'], 'code_empty'],
    ['7K2M-9QXR-4TN', 'code_short'],
    ['7K2M-9QXR-4TNWX', 'code_long'],
    ['7K2M-9QXR-4TNU', 'code_letters'],
    ['x'.repeat(5_000), 'code_long'],
  ])('is not read of %j', (typed, reason) => {
    expect(readLetterCode(typed)).toMatchObject({ code: 'malformed', field: 'code', reason });
  });

  it('is right for its own request alone', () => {
    const digest = letterDigest(context, code, seal);
    expect(isLetterCode(context, digest, code, seal)).toBe(true);
    expect(isLetterCode(context, digest, '7K2M9QXR4TNX', seal)).toBe(false);
    for (const other of [
      { ...context, userId: userId('bob') },
      { ...context, requestId: 'another' as RecoveryId },
    ])
      expect(() => isLetterCode(other, digest, code, seal)).toThrow(
        expect.objectContaining({ code: 'unavailable' }),
      );
  });

  it('is stored as nothing that could be searched without a key', () => {
    const [one, other] = [letterDigest(context, code, seal), letterDigest(context, code, seal)];
    expect(one).not.toBe(other);
    expect(one).not.toContain(code);
    const rotated = createSeal(createKeyRing([newer, older]));
    expect(isLetterCode(context, one, code, rotated)).toBe(true);
  });
});
