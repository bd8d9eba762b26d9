import { halfLogin } from '../support/browser-agent';
import { secondFactor } from '../../lib';
import type { Sealed, UserId } from '../../lib/account/account';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { randomBrowserToken, randomFactorId, randomLoginId, randomRev } from '../../lib/crypto/random';
import { createSeal } from '../../lib/crypto/seal';
import { hostApp, testKey } from '../support/host-app';
import { isLong, withAnn } from './cast';

const context = { user: 'id-ann', factor: 'f1', purpose: 'totp-secret' } as const;
const seal = createSeal(createKeyRing([testKey]));
const bytesOf = (sealed: Sealed): Buffer => Buffer.from(sealed.split('.')[2] ?? '', 'base64url');

describe('Keys and what they seal', () => {
  it('ASVS 11.3.4: no nonce comes twice', () => {
    const rounds = isLong ? 100_000 : 20_000;
    const nonces = new Set<string>();
    const plain = Buffer.from('x');
    for (let nth = 0; nth < rounds; nth += 1) {
      nonces.add(bytesOf(seal.close(plain, context)).subarray(0, 12).toString('hex'));
    }
    expect(nonces.size).toBe(rounds);
  });

  it('ASVS 11.3.3: any bit that is changed, and any other context, fails closed', () => {
    const sealed = seal.close(Buffer.from('secret'), context);
    expect(seal.open(sealed, context).toString()).toBe('secret');
    const [version, key] = sealed.split('.');
    for (let bit = 0; bit < bytesOf(sealed).length * 8; bit += 1) {
      const bytes = bytesOf(sealed);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const altered = `${version}.${key}.${bytes.toString('base64url')}` as Sealed;
      expect(() => seal.open(altered, context)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    }
    for (const other of [
      { ...context, user: 'id-bob' },
      { ...context, factor: 'f2' },
      { ...context, purpose: 'setup' },
      { ...context, user: 'id-annf', factor: '1' },
    ] as const) {
      expect(() => seal.open(sealed, other)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    }
    for (const broken of ['', '1', '1.x.', `2.${key}.AAAA`, `1.${key}.`, `1.${key}.AAAA`]) {
      expect(() => seal.open(broken as Sealed, context)).toThrow(expect.objectContaining({ status: 503 }));
    }
  });

  it('ASVS 11.2.2: keys are changed under live users, one deploy after the other', async () => {
    const old = 'aa'.repeat(32);
    const next = 'bb'.repeat(32);
    const cast = await withAnn({ keys: [old] });
    const { accounts } = cast.options;
    const deploy = (keys: string[]) => hostApp({ accounts, keys, clock: cast.clock });
    const signsIn = async (keys: string[]) => {
      cast.clock.move(30_000);
      const half = await halfLogin(deploy(keys));
      await half.post('/2fa/totp', { code: cast.code() }).expect(200);
    };
    await signsIn([old, next]);
    const first = deploy([next, old]);
    expect((await first.twoFactor.keys.usage()).map(({ accounts: count }) => count)).toEqual([0, 1]);
    await signsIn([next, old]);
    expect((await first.twoFactor.keys.usage()).map(({ accounts: count }) => count)).toEqual([1, 0]);
    await signsIn([next]);
    await (
      await halfLogin(deploy([next]))
    )
      .post('/2fa/backup-code', { code: cast.backupCodes[0] })
      .expect(200);
  });

  it('ASVS 13.2.3: missing, short and doubled keys are refused at start, and never repeated in the error', () => {
    const { options } = hostApp();
    for (const keys of [
      [],
      [''],
      ['ab'.repeat(31)],
      ['change-me'],
      [testKey, testKey],
      ['x'.repeat(42)],
      [undefined],
      undefined,
    ]) {
      const start = () => secondFactor({ ...options, keys: keys as readonly string[] });
      expect(start).toThrow(expect.objectContaining({ code: 'bad_option' }));
      expect(start).not.toThrow(/change-me|abab|1111/);
    }
  });

  it('ASVS 11.5.1: what must not be guessed has 128 random bits', () => {
    for (const make of [randomFactorId, randomRev, randomLoginId, randomBrowserToken]) {
      const made = new Set(Array.from({ length: 1000 }, () => make()));
      expect(made.size).toBe(1000);
      for (const one of made) expect(Buffer.from(one, 'base64url')).toHaveLength(16);
    }
  });

  it('ASVS 13.3.1: a dump of the account names no secret in any spelling', async () => {
    const cast = await withAnn();
    const dump = JSON.stringify(await cast.options.accounts.load('id-ann' as UserId));
    for (const secret of [cast.secret, ...cast.backupCodes]) expect(dump).not.toContain(secret);
    expect(dump).toMatch(/"secret":"1\.[0-9a-f]{8}\.[\w-]+"/);
  });
});
