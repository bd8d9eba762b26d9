import { endLogins } from '../../lib/core/end-logins';
import { countKeyUsage, resealAll } from '../../lib/core/key-usage';
import { reseal, sealedIn } from '../../lib/core/reseal';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { fakeClock } from '../support/clock';
import { ada, codeOf, coreScope, enrol, shownBy } from './core-scope';

const [oldKey, newKey] = ['11'.repeat(32), '22'.repeat(32)] as const;

async function rotated() {
  const parts = { accounts: memoryAccounts(), clock: fakeClock() };
  const before = coreScope({ ...parts, keys: [oldKey] });
  const enrolled = await enrol(before);
  parts.clock.move(30_000);
  return {
    ...enrolled,
    before,
    after: coreScope({ ...parts, pending: before.pending, keys: [newKey, oldKey] }),
  };
}

const usage = async ({ accounts }: { accounts: ReturnType<typeof memoryAccounts> }) => {
  const ring = createKeyRing([newKey, oldKey]);
  return (await countKeyUsage(accounts, ring, createSeal(ring))).map((one) => one.accounts);
};
const prover = { userId: ada, login: null, tokens: [] };

describe('a key that is replaced', () => {
  it('still opens seeds, codes and browsers', async () => {
    const { after, secret, codes, tokens } = await rotated();
    expect(
      codeOf(
        await verify(after, { ...prover, tokens }, 'totp', {
          code: '000000' === shownBy(after, secret) ? '000001' : '000000',
        }),
      ),
    ).toBe('wrong_code');
    expect((await loadAccount(after, ada)).lanes.known.wrong).toBe(1);
    expect(codeOf(await verify(after, prover, 'totp', { code: shownBy(after, secret) }))).toBe('ok');
    expect(codeOf(await verify(after, prover, 'backup-code', { code: codes[9] }))).toBe('ok');
  });

  it('is used by nothing any more once the account was saved, whatever the reason', async () => {
    const { after, codes } = await rotated();
    expect(await usage(after)).toEqual([0, 1]);
    await verify(after, prover, 'backup-code', { code: codes[9] });
    expect(await usage(after)).toEqual([1, 0]);
    const account = await loadAccount(after, ada);
    expect(sealedIn(account)).toHaveLength(12);
    expect(sealedIn(account).every((sealed) => after.seal.isCurrent(sealed))).toBe(true);
  });

  it('is used by nothing any more once all accounts were resealed, and no login ends', async () => {
    const { after } = await rotated();
    const { epoch } = await loadAccount(after, ada);
    expect(await resealAll(() => after, after.accounts)).toBe(1);
    expect(await usage(after)).toEqual([1, 0]);
    expect((await loadAccount(after, ada)).epoch).toBe(epoch);
    expect(await resealAll(() => after, after.accounts)).toBe(0);
  });

  it('can be taken out of the ring then', async () => {
    const { after, secret, codes } = await rotated();
    await endLogins(after, ada);
    const alone = coreScope({ ...after, keys: [newKey] });
    expect(codeOf(await verify(alone, prover, 'totp', { code: shownBy(alone, secret) }))).toBe('ok');
    expect(codeOf(await verify(alone, prover, 'backup-code', { code: codes[9] }))).toBe('ok');
  });

  it('that was taken out too early stops the user, and loses nothing', async () => {
    const { after, secret } = await rotated();
    const alone = coreScope({ ...after, keys: [newKey] });
    await expect(verify(alone, prover, 'totp', { code: shownBy(alone, secret) })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(endLogins(alone, ada)).rejects.toMatchObject({ code: 'unavailable' });
    expect(codeOf(await verify(after, prover, 'totp', { code: shownBy(after, secret) }))).toBe('ok');
  });

  it('is not written by a process that has the new one in last place only', async () => {
    const { before, after } = await rotated();
    const early = coreScope({ ...before, keys: [oldKey, newKey] });
    await endLogins(after, ada);
    await endLogins(early, ada);
    expect(await usage(after)).toEqual([0, 1]);
  });

  it('leaves alone what the first key wrote: no save re-seals what needs none', async () => {
    const { before } = await rotated();
    const account = await loadAccount(before, ada);
    expect(reseal(account, before.seal)).toBe(account);
  });

  it('counts keys that are not in the ring as well', async () => {
    const { before } = await rotated();
    const ring = createKeyRing([newKey]);
    expect(await countKeyUsage(before.accounts, ring, createSeal(ring))).toEqual([
      { keyId: ring.first.id, accounts: 0 },
      { keyId: createKeyRing([oldKey]).first.id, accounts: 1 },
    ]);
  });
});
