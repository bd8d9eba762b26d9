import { hash } from 'node:crypto';
import type { Account } from '../../lib/account/account';
import { importFactor } from '../../lib/core/import-factor';
import { describe as statusIn, loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { sealedIn } from '../../lib/core/reseal';
import { seconds } from '../support/clock';
import {
  ada,
  codeOf,
  coreScope,
  enrol,
  halfLogin,
  key,
  okOf,
  shownBy,
  wrongCode,
  type CoreScope,
} from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const seed = Buffer.alloc(20, 1);
const codes = ['12345678', 'AbC-dEf-gHi', '9k3mq-7h2xz'];
const sha = (code: string): string => hash('sha256', `salt ${code}`, 'hex');
const hashes = codes.map(sha);

/** Whether a hash is of a code, and how often that was asked. */
function checker() {
  const asked: string[] = [];
  const verifyHash = async (given: string, code: string): Promise<boolean> => {
    asked.push(code);
    await new Promise((done) => setImmediate(done));
    return given === sha(code);
  };
  return { asked, verifyHash };
}

/** Ada, with an app and codes from another system. */
async function moved(
  given: { readonly codes: readonly string[] } | { readonly hashes: readonly string[] } = { codes },
  parts: Parameters<typeof coreScope>[0] = {},
): Promise<CoreScope> {
  const scope = coreScope(parts);
  okOf(await importFactor(scope, ada, { type: 'totp', secret: seed, label: 'App' }));
  okOf(await importFactor(scope, ada, { type: 'backup-codes', ...given }));
  scope.told.length = 0;
  return scope;
}

const use = async (scope: CoreScope, code: string, login = halfLogin(scope)) =>
  verify(scope, { userId: ada, login: await login, tokens: [] }, 'backup-code', { code });
const left = async (scope: CoreScope): Promise<Account['lanes']['others']['left']> =>
  Math.min(10, (await loadAccount(scope, ada)).lanes.others.left);

describe('backup codes from another system', () => {
  it('are marked as such, and nothing of them is at rest in the clear', async () => {
    const scope = coreScope();
    okOf(await importFactor(scope, ada, { type: 'totp', secret: seed, label: 'App' }));
    const imported = okOf(await importFactor(scope, ada, { type: 'backup-codes', codes }));
    expect(imported).toEqual({ ok: true, factorId: null });
    const account = await loadAccount(scope, ada);
    expect(statusIn(scope, account).backupCodes).toEqual({
      left: 3,
      total: 3,
      createdAt: scope.now(),
      imported: true,
    });
    expect(account.epoch).toBe(0);
    expect(scope.told.at(-1)).toMatchObject({ name: 'backup-codes.made', total: 3, rev: account.rev });
    for (const code of codes) expect(JSON.stringify([account, scope.told])).not.toContain(code);
  });

  it.each(['12345678', '1234 5678', 'abcdefghi', 'ABC DEF GHI', '9K3MQ7H2XZ', ' 9k3mq-7h2xz '])(
    'are typed in whatever case and grouping: %s',
    async (typed) => {
      const scope = await moved();
      expect(await use(scope, typed)).toMatchObject({ ok: true, proof: { type: 'backup-code' } });
      expect(scope.told.map(({ name }) => name)).toContain('backup-code.used');
    },
  );

  it('work once each, and a second use costs nothing', async () => {
    const scope = await moved();
    okOf(await use(scope, '12345678'));
    expect(await use(scope, '12345678')).toMatchObject({ code: 'code_used' });
    expect(await left(scope)).toBe(10);
    okOf(await use(scope, 'abcdefghi'));
  });

  it('let in one of twenty at once', async () => {
    const scope = await moved();
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => codeOf(await use(scope, '12345678'))),
    );
    expect(all.filter((code) => code === 'ok')).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(['ok', 'code_used']));
  });

  it('can be guessed, so wrong ones are charged to the lane, and the eleventh is refused unread', async () => {
    const scope = await moved();
    for (let guess = 0; guess < 10; guess += 1)
      expect(codeOf(await use(scope, `0000000${guess}`))).toBe('wrong_code');
    expect(codeOf(await use(scope, '12345678'))).toBe('locked');
    expect(scope.told.map(({ name }) => name)).toContain('tries.used-up');
    scope.clock.move(24 * 3600 * seconds);
    okOf(await use(scope, '12345678'));
  });

  it('share that lane with codes of the app, and give back what their login was charged', async () => {
    const scope = await moved();
    const login = halfLogin(scope);
    expect(await use(scope, '00000000', login)).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
    const wrong = { code: wrongCode(scope, seed) };
    await verify(scope, { userId: ada, login: await login, tokens: [] }, 'totp', wrong);
    expect(await left(scope)).toBe(8);
    okOf(await use(scope, '12345678', login));
    expect(await left(scope)).toBe(10);
  });

  it('are no way out of closed lanes', async () => {
    const scope = await moved({ codes }, {});
    const account = await loadAccount(scope, ada);
    const closed = { left: 10, at: scope.now(), wrong: 100 };
    const lanes = { known: closed, others: closed };
    await scope.accounts.save({ ...account, lanes, rev: 'closed' as never }, account.rev);
    expect(await use(scope, '12345678')).toMatchObject({ code: 'codes_closed', ways: [] });
  });

  it('are refused unread if they are too short to be one, at no cost', async () => {
    const scope = await moved();
    expect(await use(scope, '12345')).toMatchObject({ code: 'malformed', reason: 'code_short' });
    expect(await use(scope, 'x'.repeat(65))).toMatchObject({ code: 'malformed', reason: 'code_long' });
    expect(await left(scope)).toBe(10);
  });

  it('come once: another set changes nothing, nor do ours give way to it', async () => {
    const accounts = new UnreliableAccounts();
    const scope = await moved({ codes }, { accounts });
    okOf(await use(scope, '12345678'));
    const saves = accounts.saves;
    const duplicate = { ok: false, code: 'duplicate', field: 'codes' };
    expect(await importFactor(scope, ada, { type: 'backup-codes', codes })).toEqual(duplicate);
    expect(accounts.saves).toBe(saves);
    const another = coreScope();
    await enrol(another);
    expect(await importFactor(another, ada, { type: 'backup-codes', codes })).toEqual(duplicate);
  });

  it('come once of ten at once', async () => {
    const scope = coreScope();
    okOf(await importFactor(scope, ada, { type: 'totp', secret: seed, label: 'App' }));
    const all = await Promise.all(
      Array.from({ length: 10 }, () => importFactor(scope, ada, { type: 'backup-codes', codes })),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('are not taken from someone without a factor, for whom they would do nothing', async () => {
    const scope = coreScope();
    expect(codeOf(await importFactor(scope, ada, { type: 'backup-codes', codes }))).toBe('not_found');
    expect(await scope.accounts.load(ada)).toBeNull();
  });

  it.each<[unknown, string]>([
    [{ codes: [] }, 'codes'],
    [{ codes: 'text' }, 'codes'],
    [{ codes: ['12345'] }, 'codes'],
    [{ codes: [12345678] }, 'codes'],
    [{}, 'codes'],
    [{ codes: Array.from({ length: 21 }, (_, at) => `1234567${at}`) }, 'codes'],
    [{ hashes: [] }, 'hashes'],
    [{ hashes: [''] }, 'hashes'],
    [{ hashes: ['x'.repeat(513)] }, 'hashes'],
    [{ hashes: [null] }, 'hashes'],
    [{ hashes: Array.from({ length: 21 }, (_, at) => `hash ${at}`) }, 'hashes'],
  ])('are malformed: %p', async (given, field) => {
    const scope = coreScope({ verifyHash: checker().verifyHash });
    okOf(await importFactor(scope, ada, { type: 'totp', secret: seed, label: 'App' }));
    const refused = await importFactor(scope, ada, { type: 'backup-codes', ...(given as { codes: [] }) });
    expect(refused).toMatchObject({ ok: false, code: 'malformed', field });
  });

  it('are counted for the keys that sealed them', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const newer = coreScope({ accounts: scope.accounts, keys: ['22'.repeat(32), key], verifyHash });
    okOf(await use(newer, codes[0] ?? ''));
    const account = await loadAccount(newer, ada);
    const seal = createSeal(createKeyRing(['22'.repeat(32)]));
    expect(sealedIn(newer.kinds, account).every((sealed) => seal.isCurrent(sealed))).toBe(true);
    okOf(await use(newer, codes[1] ?? ''));
  });
});

describe('hashes of backup codes from another system', () => {
  it('are checked by the app, with the code exactly as it was typed', async () => {
    const { asked, verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    okOf(await use(scope, ' AbC-dEf-gHi '));
    expect(asked).toEqual(['AbC-dEf-gHi', 'AbC-dEf-gHi', 'AbC-dEf-gHi']);
    expect(codeOf(await use(scope, 'abc-def-ghi'))).toBe('code_used');
    expect(codeOf(await use(scope, 'ABC-DEF-GHJ'))).toBe('wrong_code');
    expect(JSON.stringify(await loadAccount(scope, ada))).not.toContain(hashes[2]);
  });

  it('are all checked, whichever is right, and those used are not', async () => {
    const { asked, verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    okOf(await use(scope, codes[0] ?? ''));
    expect(asked.splice(0)).toHaveLength(3);
    okOf(await use(scope, codes[2] ?? ''));
    expect(asked.splice(0)).toHaveLength(2);
    expect(codeOf(await use(scope, codes[0] ?? ''))).toBe('code_used');
    expect(asked).toEqual([]);
  });

  it('let in one of ten at once, and cost the others nothing', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const all = await Promise.all(
      Array.from({ length: 10 }, async () => codeOf(await use(scope, codes[0] ?? ''))),
    );
    expect(all.filter((code) => code === 'ok')).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(['ok', 'code_used']));
    expect(await left(scope)).toBe(10);
    expect((await loadAccount(scope, ada)).lanes.others.wrong).toBe(0);
  });

  it('are charged before they are checked: of fifty guesses at once ten are, and the rest refused unread', async () => {
    const { asked, verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => codeOf(await use(scope, `guess-${at}`))),
    );
    expect(all.filter((code) => code === 'wrong_code')).toHaveLength(10);
    expect(all.filter((code) => code === 'locked')).toHaveLength(40);
    expect(new Set(asked).size).toBe(10);
    expect(codeOf(await use(scope, codes[0] ?? ''))).toBe('locked');
    expect(asked).toHaveLength(30);
  });

  it('give back what their login was charged', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const login = halfLogin(scope);
    expect(await use(scope, 'wrong-one', login)).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
    expect(await left(scope)).toBe(9);
    okOf(await use(scope, codes[1] ?? '', login));
    expect(await left(scope)).toBe(10);
  });

  it('work where there is no session', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const prover = { userId: ada, login: null, tokens: [] };
    okOf(await verify(scope, prover, 'backup-code', { code: codes[0] }));
    expect(codeOf(await verify(scope, prover, 'backup-code', { code: codes[0] }))).toBe('code_used');
  });

  it('let nobody in by an ended login, and charge nothing for it', async () => {
    const { asked, verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const login = halfLogin(scope);
    await login;
    okOf(
      await importFactor(
        scope,
        ada,
        { type: 'totp', secret: Buffer.alloc(20, 2), label: 'B' },
        { signOut: true },
      ),
    );
    expect(codeOf(await use(scope, codes[0] ?? '', login))).toBe('sign_in_required');
    expect([asked, await left(scope)]).toEqual([[], 10]);
  });

  it('are neither taken nor checked without backupCodes.verify, and both say so', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const without = coreScope({ accounts: scope.accounts, clock: scope.clock });
    const given = { type: 'backup-codes', hashes } as const;
    const cure = { help: expect.stringContaining('backupCodes') as unknown };
    await expect(importFactor(without, ada, given)).rejects.toMatchObject({ code: 'bad_option', ...cure });
    await expect(use(without, codes[0] ?? '')).rejects.toMatchObject({ code: 'wrong_setup', ...cure });
    expect(await left(without)).toBe(10);
    okOf(
      await verify(without, { userId: ada, login: null, tokens: [] }, 'totp', {
        code: shownBy(without, seed),
      }),
    );
  });

  it('cost a try where checking one fails, and are still there', async () => {
    const { verifyHash } = checker();
    const scope = await moved({ hashes }, { verifyHash });
    const failing = coreScope({
      accounts: scope.accounts,
      clock: scope.clock,
      verifyHash: () => Promise.reject(new Error('no memory')),
    });
    await expect(use(failing, codes[0] ?? '')).rejects.toThrow('no memory');
    expect(await left(scope)).toBe(9);
    okOf(await use(scope, codes[0] ?? ''));
  });
});
