import { endLogins } from '../../lib/core/end-logins';
import { countKeyUsage, resealAll, type KeyIds } from '../../lib/core/key-usage';
import { reseal, sealedIn } from '../../lib/core/reseal';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { createAccountMacs } from '../../lib/crypto/account-mac';
import { createChainEnds } from '../../lib/crypto/chain-ends';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { kinds } from '../../lib/kinds/table';
import type { Accounts } from '../../lib/stores/contracts';
import { fakeClock, type FakeClock } from '../support/clock';
import { signing } from '../support/signing';
import { ada, codeOf, coreScope, enrol, shownBy, type CoreScope } from './core-scope';

const [oldKey, newKey] = ['11'.repeat(32), '22'.repeat(32)] as const;

function keysOf(...keys: readonly string[]): KeyIds {
  const ring = createKeyRing(keys);
  const ends = createChainEnds(ring);
  return { ring, seal: createSeal(ring), macs: createAccountMacs(ring), kinds, ends };
}
const idOf = (key: string): string => keysOf(key).ring.first.id;

/** A process with these keys, on this store. */
const processWith = (
  parts: { store: Accounts; clock: FakeClock; pending?: CoreScope['pending'] },
  ...keys: readonly string[]
) => coreScope({ ...parts, accounts: signing(parts.store, keys), keys });

async function rotated() {
  const parts = { store: memoryAccounts(), clock: fakeClock() };
  const before = processWith(parts, oldKey);
  const enrolled = await enrol(before);
  parts.clock.move(30_000);
  const { pending } = before;
  const after = processWith({ ...parts, pending }, newKey, oldKey);
  return { ...enrolled, ...parts, pending, before, after };
}

async function* noEnds() {}

const usage = (store: Accounts, ...keys: readonly string[]) =>
  countKeyUsage(signing(store, keys), noEnds(), keysOf(...keys));
const counts = async (store: Accounts) => (await usage(store, newKey, oldKey)).map((one) => one.accounts);
const resealed = (scope: CoreScope, store: Accounts, ...keys: readonly string[]) =>
  resealAll(() => scope, signing(store, keys), keysOf(...keys));
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
    const { after, store, codes } = await rotated();
    expect(await counts(store)).toEqual([0, 1]);
    await verify(after, prover, 'backup-code', { code: codes[9] });
    expect(await counts(store)).toEqual([1, 0]);
    const account = await loadAccount(after, ada);
    expect(sealedIn(kinds, account)).toHaveLength(12);
    expect(sealedIn(kinds, account).every((sealed) => after.seal.isCurrent(sealed))).toBe(true);
  });

  it('is used by nothing any more once all accounts were resealed, and no login ends', async () => {
    const { after, store } = await rotated();
    const { epoch } = await loadAccount(after, ada);
    expect(await resealed(after, store, newKey, oldKey)).toBe(1);
    expect(await counts(store)).toEqual([1, 0]);
    expect((await loadAccount(after, ada)).epoch).toBe(epoch);
    expect(await resealed(after, store, newKey, oldKey)).toBe(0);
  });

  it('is counted, and resealed, where all it did was to sign', async () => {
    const parts = { store: memoryAccounts(), clock: fakeClock() };
    await endLogins(processWith(parts, oldKey), ada);
    expect(await counts(parts.store)).toEqual([0, 1]);
    const after = processWith(parts, newKey, oldKey);
    expect(await resealed(after, parts.store, newKey, oldKey)).toBe(1);
    expect(await counts(parts.store)).toEqual([1, 0]);
    expect(await loadAccount(processWith(parts, newKey), ada)).toMatchObject({ userId: ada });
  });

  it('can be taken out of the ring then', async () => {
    const { after, secret, codes, store, clock, pending } = await rotated();
    await endLogins(after, ada);
    const alone = processWith({ store, clock, pending }, newKey);
    expect(codeOf(await verify(alone, prover, 'totp', { code: shownBy(alone, secret) }))).toBe('ok');
    expect(codeOf(await verify(alone, prover, 'backup-code', { code: codes[9] }))).toBe('ok');
  });

  it('that was taken out too early stops the user, says so, and loses nothing', async () => {
    const { after, secret, store, clock, pending } = await rotated();
    const told: unknown[] = [];
    const accounts = signing(store, [newKey], (...what) => told.push(what));
    const alone = coreScope({ accounts, clock, pending, keys: [newKey] });
    await expect(verify(alone, prover, 'totp', { code: shownBy(alone, secret) })).rejects.toMatchObject({
      code: 'unavailable',
      help: expect.stringContaining('Put the key that wrote it back'),
    });
    await expect(endLogins(alone, ada)).rejects.toMatchObject({ code: 'unavailable' });
    expect(told).toEqual([
      [ada, 'unknown_key'],
      [ada, 'unknown_key'],
    ]);
    expect(codeOf(await verify(after, prover, 'totp', { code: shownBy(after, secret) }))).toBe('ok');
  });

  it('is not written by a process that has the new one in last place only', async () => {
    const { after, store, clock, pending } = await rotated();
    const early = processWith({ store, clock, pending }, oldKey, newKey);
    await endLogins(after, ada);
    await endLogins(early, ada);
    expect(await counts(store)).toEqual([0, 1]);
  });

  it('leaves alone what the first key wrote: no save re-seals what needs none', async () => {
    const { before } = await rotated();
    const account = await loadAccount(before, ada);
    expect(reseal(kinds, account, before.seal)).toBe(account);
  });

  it('counts keys that are not in the ring as well', async () => {
    const { store } = await rotated();
    expect(await usage(store, newKey)).toEqual([
      { keyId: idOf(newKey), accounts: 0 },
      { keyId: idOf(oldKey), accounts: 1 },
    ]);
  });

  it('that is lost keeps nobody else from being resealed', async () => {
    const { after, store, clock, pending } = await rotated();
    const bob = 'bob' as typeof ada;
    await endLogins(processWith({ store, clock, pending }, oldKey), bob);
    // Signed by a key that is there, holding what one sealed that is not.
    const account = await loadAccount(after, ada);
    const lost = { ...account, factors: account.factors.map((one) => ({ ...one, secret: '1.00000000.x' })) };
    await signing(store, [oldKey]).save(lost as typeof account, account.rev);
    expect(await resealed(after, store, newKey, oldKey)).toBe(1);
    expect(await usage(store, newKey, oldKey)).toEqual([
      { keyId: idOf(newKey), accounts: 1 },
      { keyId: idOf(oldKey), accounts: 1 },
      { keyId: '00000000', accounts: 1 },
    ]);
  });
});
