import type { FactorId, UserId } from '../../lib/account/account';
import { importFactor } from '../../lib/core/import-factor';
import * as manage from '../../lib/core/manage-factor';
import { loadAccount } from '../../lib/core/status';
import { toBase32 } from '../../lib/crypto/base32';
import type { Login } from '../../lib/stores/contracts';
import {
  accessOf,
  ada,
  aLogin,
  codeOf,
  coreScope,
  enrol,
  okOf,
  settingsWith,
  type CoreScope,
} from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const bob = 'bob' as UserId;

const remove = async (scope: CoreScope, login: Login, id: FactorId) =>
  manage.remove(scope, await accessOf(scope, login), id);
const rename = async (scope: CoreScope, login: Login, id: FactorId, label: unknown) =>
  manage.rename(scope, await accessOf(scope, login), id, label);
const prefer = async (scope: CoreScope, login: Login, id: FactorId, preferred: boolean) =>
  manage.prefer(scope, await accessOf(scope, login), id, preferred);

async function withTwo(given: Parameters<typeof coreScope>[0] = {}) {
  const accounts = new UnreliableAccounts();
  const scope = coreScope({ accounts, ...given });
  const { login, factorId } = await enrol(scope);
  const second = okOf(await importFactor(scope, ada, imported('Tablet', 7)));
  scope.told.length = 0;
  return { scope, accounts, login, phone: factorId, tablet: second.factorId };
}

const imported = (label: string, byte: number) =>
  ({ type: 'totp', secret: toBase32(Buffer.alloc(20, byte)), label }) as const;
const labels = async (scope: CoreScope) => (await loadAccount(scope, ada)).factors.map(({ label }) => label);

describe('removing a factor', () => {
  it('ends other logins, tells what went, and takes the codes with the last one', async () => {
    const { scope, login, phone, tablet } = await withTwo();
    scope.clock.move(5);
    const { account } = okOf(await remove(scope, login, phone));
    expect(account.epoch).toBe(scope.now());
    expect(scope.told.map(({ name }) => name)).toEqual(['factor.removed']);
    okOf(await remove(scope, { ...login, epoch: account.epoch }, tablet));
    expect(scope.told.map(({ name }) => name)).toEqual([
      'factor.removed',
      'factor.removed',
      'two-factor.disabled',
    ]);
    expect(await loadAccount(scope, ada)).toMatchObject({ factors: [], backupCodes: null, preferred: null });
  });

  it('leaves one where one must stay, also when two are removed at once', async () => {
    const { scope, login, phone, tablet } = await withTwo({ settings: settingsWith({}, { keepFactors: 1 }) });
    const results = await Promise.all(
      [phone, tablet].map(async (id) => codeOf(await remove(scope, login, id))),
    );
    expect(results.toSorted()).toEqual(['ok', 'sign_in_required']);
    const account = await loadAccount(scope, ada);
    const [left] = account.factors;
    expect(account.factors).toHaveLength(1);
    expect(codeOf(await remove(scope, { ...login, epoch: account.epoch }, left?.id ?? phone))).toBe(
      'last_factor',
    );
  });

  it('is asked on the newest account: a loser of the race is judged again', async () => {
    const { scope, accounts, login, phone } = await withTwo();
    const other = coreScope({ ...scope, accounts: accounts.inner });
    accounts.fates.push(() => remove(other, login, phone));
    expect(codeOf(await remove(scope, login, phone))).toBe('sign_in_required');
  });
});

describe('a change by a login that may not', () => {
  const changes: Readonly<
    Record<
      string,
      (scope: CoreScope, login: Login, id: FactorId) => Promise<{ ok: true } | { ok: false; code: string }>
    >
  > = {
    remove,
    rename: (scope, login, id) => rename(scope, login, id, 'Mine now'),
    prefer: (scope, login, id) => prefer(scope, login, id, true),
  };

  it.each(Object.keys(changes))(
    'is none: to %s of an older or newer epoch, or another user',
    async (name) => {
      const { scope, accounts, login, phone } = await withTwo();
      okOf(await importFactor(scope, bob, imported('Bobs', 8)));
      const before = await loadAccount(scope, ada);
      const saves = accounts.saves;
      const change = changes[name] ?? remove;
      for (const epoch of [login.epoch - 1, login.epoch + 1, 0])
        expect((await change(scope, { ...login, epoch }, phone)).ok).toBe(false);
      const bobs = aLogin(scope, {
        userId: bob,
        state: 'passed',
        epoch: (await loadAccount(scope, bob)).epoch,
        proofs: [{ type: 'totp', factorId: null, at: scope.now() }],
      });
      expect(await change(scope, bobs, phone)).toMatchObject({ ok: false, code: 'not_found' });
      expect(await loadAccount(scope, ada)).toBe(before);
      expect(accounts.saves).toBe(saves);
      expect(await loadAccount(scope, bob)).toMatchObject({ factors: [{ label: 'Bobs' }], preferred: null });
    },
  );

  it.each(['', 'x', '__proto__', 'constructor', 'a'.repeat(10_000)])(
    'is none: of a factor called %.20s',
    async (id) => {
      const { scope, login } = await withTwo();
      for (const change of Object.values(changes))
        expect(await change(scope, login, id as FactorId)).toMatchObject({ code: 'not_found' });
    },
  );
});

describe('renaming and preferring', () => {
  it('end no login, and write nothing where nothing changes', async () => {
    const { scope, accounts, login, phone } = await withTwo();
    const { epoch } = await loadAccount(scope, ada);
    okOf(await rename(scope, login, phone, 'Pixel'));
    okOf(await prefer(scope, login, phone, true));
    const saves = accounts.saves;
    okOf(await rename(scope, login, phone, '  Pixel '));
    okOf(await prefer(scope, login, phone, true));
    expect(accounts.saves).toBe(saves);
    expect(scope.told).toMatchObject([
      { name: 'factor.renamed', type: 'totp', factorId: phone, label: 'Pixel' },
    ]);
    expect(await loadAccount(scope, ada)).toMatchObject({ epoch, preferred: phone });
    expect(await labels(scope)).toEqual(['Pixel', 'Tablet']);
  });

  it('refuse names that are none, too long or taken', async () => {
    const { scope, login, phone } = await withTwo();
    for (const name of ['', ' ', null, 5, {}, ['x'], 'x'.repeat(65), 'x'.repeat(100_000), '\u200b\u202e'])
      expect(codeOf(await rename(scope, login, phone, name))).toBe('malformed');
    expect(codeOf(await rename(scope, login, phone, 'tablet'))).toBe('duplicate');
    expect(await labels(scope)).toEqual(['Phone', 'Tablet']);
  });
});
