import { acknowledgeCodes } from '../../lib/core/acknowledge';
import { endLogins } from '../../lib/core/end-logins';
import { beginTotp, confirmTotp } from '../../lib/core/enrol-totp';
import { importFactor } from '../../lib/core/import-factor';
import { remove } from '../../lib/core/manage-factor';
import { pendingCodes, renewCodes } from '../../lib/core/pending-codes';
import { cancelSetup } from '../../lib/core/setup';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { toBase32 } from '../../lib/crypto/base32';
import type { Login } from '../../lib/stores/contracts';
import { hours, minutes, seconds } from '../support/clock';
import { overridePending } from '../support/override';
import {
  accessOf,
  ada,
  aLogin,
  codeOf,
  coreScope,
  enrol,
  okOf,
  passed,
  settingsWith,
  shownBy,
  wrongCode,
  type CoreScope,
} from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const begin = async (scope: CoreScope, login: Login) =>
  okOf(await beginTotp(scope, await accessOf(scope, login)));
const confirm = async (
  scope: CoreScope,
  login: Login,
  code: unknown,
  label?: unknown,
  tokens: readonly string[] = [],
) => confirmTotp(scope, await accessOf(scope, login), { code, label, defaultLabel: 'Phone' }, tokens);
const acknowledge = async (scope: CoreScope, login: Login, code: unknown) =>
  acknowledgeCodes(scope, await accessOf(scope, login), code, []);
const renew = async (scope: CoreScope, login: Login) =>
  okOf(await renewCodes(scope, await accessOf(scope, login))).codes;
const factorsOf = async (scope: CoreScope) => (await loadAccount(scope, ada)).factors;

describe('a set-up in progress', () => {
  it('shows the same secret over reload, a wrong code and a second tab', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const [one, other] = await Promise.all([begin(scope, login), begin(scope, login)]);
    await confirm(scope, login, wrongCode(scope, one.secret));
    const third = await begin(scope, login);
    expect([other.secret, third.secret]).toEqual([one.secret, one.secret]);
    expect(one).toMatchObject({ first: true, secret: expect.any(Buffer) });
    expect(one.secret).toHaveLength(20);
  });

  it.each<[string, (scope: CoreScope, login: Login) => unknown]>([
    ['it was given up', (scope, login) => cancelSetup(scope, login, 'totp')],
    ['an hour', (scope) => scope.clock.move(hours)],
  ])('shows a new one after %s', async (_name, end) => {
    const scope = coreScope();
    const login = aLogin(scope);
    const before = await begin(scope, login);
    await end(scope, login);
    const again = { ...login, since: scope.now() };
    expect((await begin(scope, again)).secret).not.toEqual(before.secret);
  });

  it('belongs to one login', async () => {
    const scope = coreScope();
    const [one, other] = [aLogin(scope), aLogin(scope)];
    const { secret } = await begin(scope, one);
    expect((await begin(scope, other)).secret).not.toEqual(secret);
    expect(codeOf(await confirm(scope, other, shownBy(scope, secret)))).toBe('wrong_code');
  });

  it('is void when the epoch moved on meanwhile', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    await endLogins(scope, ada);
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('conflict');
    expect(await factorsOf(scope)).toEqual([]);
  });

  it('changes nothing of how the user signs in, proven or not', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('ok');
    expect(accounts.saves).toBe(0);
    expect(scope.told).toEqual([]);
    // Nor does its code prove anything elsewhere.
    const prover = { userId: ada, login: null, tokens: [] };
    expect(codeOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) }))).toBe('not_found');
  });

  it('rests sealed, with its codes', async () => {
    const scope = coreScope();
    const stored: string[] = [];
    const pending = overridePending(scope.pending, {
      setups: {
        put: (id, value, life) => {
          stored.push(id, value);
          return scope.pending.setups.put(id, value, life);
        },
      },
    });
    const login = aLogin(scope);
    const { secret } = await begin({ ...scope, pending }, login);
    const confirmed = okOf(await confirm({ ...scope, pending }, login, shownBy(scope, secret)));
    const all = stored.join('\n');
    for (const text of [
      toBase32(secret),
      secret.toString('base64url'),
      secret.toString('hex'),
      ...(confirmed.codes ?? []),
    ])
      expect(all).not.toContain(text);
    expect(stored.length).toBeGreaterThanOrEqual(4);
  });
});

describe('the first code of a new app', () => {
  it.each([-1, 0, 1])('may be of step T%s, and counts as used', async (offset) => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    const code = shownBy(scope, secret, offset);
    const { codes } = okOf(await confirm(scope, login, code));
    okOf(await acknowledge(scope, login, codes?.[0]));
    const prover = { userId: ada, login: null, tokens: [] };
    expect(codeOf(await verify(scope, prover, 'totp', { code }))).toBe('code_used');
  });

  it.each<[number, string]>([
    [-11, 'wrong_code'],
    [-10, 'clock_off'],
    [-2, 'clock_off'],
    [2, 'wrong_code'],
  ])('of step T%s is refused: %s', async (offset, expected) => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret, offset)))).toBe(expected);
  });

  it('may be wrong ten times; then the set-up starts over', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    const left = [];
    for (let time = 0; time < 10; time += 1) left.push(await confirm(scope, login, wrongCode(scope, secret)));
    expect(left.map((one) => !one.ok && one.triesLeft)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('conflict');
    expect((await begin(scope, login)).secret).not.toEqual(secret);
  });

  it('is judged ten times of fifty at once', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    const results = await Promise.all(
      Array.from({ length: 50 }, async () => codeOf(await confirm(scope, login, wrongCode(scope, secret)))),
    );
    expect(results.filter((code) => code === 'wrong_code')).toHaveLength(10);
    expect(results.filter((code) => code === 'conflict')).toHaveLength(40);
  });

  it('costs no sign-in tries when it is wrong, and nothing when it is malformed', async () => {
    const scope = coreScope();
    const { login, factorId } = await enrol(scope);
    const { secret } = await begin(scope, login);
    for (const code of ['', '12345', 123_456, null])
      expect(codeOf(await confirm(scope, login, code))).toBe('malformed');
    expect(await confirm(scope, login, wrongCode(scope, secret))).toMatchObject({ triesLeft: 9 });
    expect((await loadAccount(scope, ada)).lanes.others.wrong).toBe(0);
    expect((await factorsOf(scope)).map(({ id }) => id)).toEqual([factorId]);
  });

  it('proves no set-up twice', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    okOf(await confirm(scope, login, shownBy(scope, secret)));
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('conflict');
    // And the secret is shown no more.
    expect(codeOf(await beginTotp(scope, await accessOf(scope, login)))).toBe('conflict');
  });

  it('of nothing that was begun is a conflict', async () => {
    const scope = coreScope();
    expect(codeOf(await confirm(scope, aLogin(scope), '123456'))).toBe('conflict');
  });
});

describe('two-factor', () => {
  it('is on when one of the codes was typed, in one save with factor, codes, browser and epoch', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    const { codes, factorId } = await enrol(scope);
    const account = await loadAccount(scope, ada);
    expect(accounts.saves).toBe(1);
    expect(account).toMatchObject({
      epoch: scope.now(),
      factors: [{ id: factorId, label: 'Phone', lastUsedAt: null }],
    });
    expect(account.browsers).toHaveLength(1);
    expect(account.backupCodes?.codes.map(({ usedAt }) => usedAt)).toEqual(Array(10).fill(null));
    expect(codes).toHaveLength(10);
    expect(scope.told.map(({ name, rev }) => [name, rev])).toEqual(
      ['factor.added', 'backup-codes.made', 'two-factor.enabled'].map((name) => [name, account.rev]),
    );
  });

  it('is not on before, by any code that is wrong, malformed, of an old set or of the app', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    expect(codeOf(await acknowledge(scope, login, '0'.repeat(16)))).toBe('conflict');
    okOf(await confirm(scope, login, shownBy(scope, secret)));
    expect(codeOf(await acknowledge(scope, login, '0'.repeat(16)))).toBe('wrong_code');
    expect(codeOf(await acknowledge(scope, login, shownBy(scope, secret)))).toBe('malformed');
    expect(codeOf(await acknowledge(scope, login, null))).toBe('malformed');
    expect(await scope.accounts.load(ada)).toBeNull();
  });

  it('does not use up the code that was typed', async () => {
    const scope = coreScope();
    const { codes } = await enrol(scope);
    const prover = { userId: ada, login: null, tokens: [] };
    expect(codeOf(await verify(scope, prover, 'backup-code', { code: codes[0] }))).toBe('ok');
  });

  it('is switched on once by two tabs at once', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    const { codes } = okOf(await confirm(scope, login, shownBy(scope, secret)));
    const results = await Promise.all(
      [0, 1, 2].map(async (at) => codeOf(await acknowledge(scope, login, codes?.[at]))),
    );
    expect(results.toSorted()).toEqual(['conflict', 'conflict', 'ok']);
    expect(await factorsOf(scope)).toHaveLength(1);
    expect(scope.told.filter(({ name }) => name === 'two-factor.enabled')).toHaveLength(1);
  });

  it('is switched on by one of two logins that both were half way', async () => {
    const scope = coreScope();
    const logins = [aLogin(scope), aLogin(scope)];
    const codes: (string | undefined)[] = [];
    for (const login of logins) {
      const { secret } = await begin(scope, login);
      codes.push(okOf(await confirm(scope, login, shownBy(scope, secret))).codes?.[0]);
    }
    const results = await Promise.all(
      logins.map(async (login, at) => codeOf(await acknowledge(scope, login, codes[at]))),
    );
    expect(results.toSorted()).toEqual(['conflict', 'ok']);
    expect(await factorsOf(scope)).toHaveLength(1);
  });

  it('dies between proof and acknowledgement without a trace an hour later', async () => {
    const scope = coreScope();
    const login = aLogin(scope);
    const { secret } = await begin(scope, login);
    const { codes } = okOf(await confirm(scope, login, shownBy(scope, secret)));
    scope.clock.move(hours);
    expect(codeOf(await acknowledge(scope, login, codes?.[0]))).toBe('conflict');
    expect(await scope.accounts.load(ada)).toBeNull();
  });
});

describe('a further app', () => {
  it('is in force with its first code, and the one before works until then and after', async () => {
    const scope = coreScope();
    const { login, secret: old } = await enrol(scope);
    scope.clock.move(30 * seconds);
    const { secret, first } = await begin(scope, login);
    const prover = { userId: ada, login: null, tokens: [] };
    expect(first).toBe(false);
    expect(codeOf(await verify(scope, prover, 'totp', { code: shownBy(scope, old) }))).toBe('ok');
    const { epoch } = await loadAccount(scope, ada);
    const added = okOf(await confirm(scope, login, shownBy(scope, secret), 'Tablet'));
    expect(added).toMatchObject({ codes: null, factor: { label: 'Tablet' } });
    expect((await loadAccount(scope, ada)).epoch).toBe(epoch);
    scope.clock.move(30 * seconds);
    for (const one of [old, secret])
      expect(codeOf(await verify(scope, prover, 'totp', { code: shownBy(scope, one) }))).toBe('ok');
  });

  it('is one for two posts of the same form', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const { secret } = await begin(scope, login);
    const results = await Promise.all(
      [0, 1].map(async () => codeOf(await confirm(scope, login, shownBy(scope, secret)))),
    );
    expect(results.toSorted()).toEqual(['conflict', 'ok']);
    expect(await factorsOf(scope)).toHaveLength(2);
  });

  it('gets a free name, or the one that was given, or is refused for one that is taken', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const second = await begin(scope, login);
    expect(await confirm(scope, login, shownBy(scope, second.secret), ' PHONE ')).toEqual({
      ok: false,
      code: 'duplicate',
      field: 'label',
    });
    expect(await confirm(scope, login, shownBy(scope, second.secret), '')).toMatchObject({
      factor: { label: 'Phone 2' },
    });
    const third = await begin(scope, login);
    expect(codeOf(await confirm(scope, login, shownBy(scope, third.secret), { evil: true }))).toBe(
      'malformed',
    );
    expect(await confirm(scope, login, shownBy(scope, third.secret), '  Pixel\u202e 9 ')).toMatchObject({
      factor: { label: 'Pixel 9' },
    });
  });

  it('is the third at most, also when two arrive at once', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const { secret } = await begin(scope, login);
    okOf(await confirm(scope, login, shownBy(scope, secret)));
    const other = { ...login, loginId: 'another' };
    const seeds = await Promise.all([begin(scope, login), begin(scope, other)]);
    const results = await Promise.all(
      [login, other].map(async (one, at) =>
        codeOf(await confirm(scope, one, shownBy(scope, seeds[at]?.secret ?? Buffer.alloc(0)), `App ${at}`)),
      ),
    );
    expect(results.toSorted()).toEqual(['limit_reached', 'ok']);
    expect(await factorsOf(scope)).toHaveLength(3);
    expect(codeOf(await beginTotp(scope, await accessOf(scope, login)))).toBe('limit_reached');
  });

  it.each(['endLogins', 'remove'] as const)(
    'is none when the logins were ended between its code and its save: %s',
    async (by) => {
      const accounts = new UnreliableAccounts();
      const scope = coreScope({ accounts });
      const { login, factorId } = await enrol(scope);
      const elsewhere = { ...scope, accounts: accounts.inner };
      const { secret } = await begin(scope, login);
      accounts.fates.push(() =>
        by === 'remove'
          ? accessOf(elsewhere, login).then((access) => remove(elsewhere, access, factorId))
          : endLogins(elsewhere, ada),
      );
      expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('conflict');
      expect(await factorsOf(scope)).toHaveLength(by === 'remove' ? 0 : 1);
    },
  );

  it('is none that was imported meanwhile with the same seed', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const { secret } = await begin(scope, login);
    okOf(await importFactor(scope, ada, { type: 'totp', secret: toBase32(secret), label: 'Imported' }));
    expect(codeOf(await confirm(scope, login, shownBy(scope, secret)))).toBe('duplicate');
    expect(await factorsOf(scope)).toHaveLength(2);
  });
});

describe('backup codes made anew', () => {
  it('count when one of them was typed; until then the old ones do', async () => {
    const scope = coreScope();
    const { login, codes: old } = await enrol(scope);
    scope.clock.move(minutes);
    const fresh = await renew(scope, login);
    expect(fresh).toHaveLength(10);
    expect(await renew(scope, login)).toEqual(fresh);
    const prover = { userId: ada, login: null, tokens: [] };
    const use = async (code: string | undefined) =>
      codeOf(await verify(scope, prover, 'backup-code', { code }));
    expect([await use(old[1]), await use(fresh[1])]).toEqual(['ok', 'wrong_code']);
    expect(codeOf(await acknowledge(scope, login, old[2]))).toBe('wrong_code');

    const done = okOf(await acknowledge(scope, login, fresh[3]));
    expect(done.proof).toBeNull();
    expect(done.account.epoch).toBe(scope.now());
    expect([await use(old[5]), await use(fresh[3])]).toEqual(['wrong_code', 'ok']);
    const next = await accessOf(scope, passed(login, done.account, null));
    expect(await pendingCodes(scope, next)).toBeNull();
  });

  it('are made once for two tabs, and acknowledged once', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const [one, other] = await Promise.all([renew(scope, login), renew(scope, login)]);
    expect(other).toEqual(one);
    const results = await Promise.all(
      [0, 1].map(async () => codeOf(await acknowledge(scope, login, one[0]))),
    );
    expect(results.toSorted()).toEqual(['conflict', 'ok']);
  });

  it('are none where no factor is', async () => {
    const scope = coreScope();
    expect(codeOf(await renewCodes(scope, await accessOf(scope, aLogin(scope))))).toBe('conflict');
  });

  it('need the epoch they were begun in', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const [code] = await renew(scope, login);
    await endLogins(scope, ada);
    expect(codeOf(await acknowledge(scope, login, code))).toBe('conflict');
  });
});

describe('an enrolment whose saves have unknown outcomes', () => {
  it.each(['stored, not heard of', 'not stored, not heard of', 'lost'] as const)(
    'is done once: %s',
    async (fate) => {
      const accounts = new UnreliableAccounts();
      const scope = coreScope({ accounts, settings: settingsWith() });
      await endLogins(scope, ada);
      scope.told.length = 0;
      accounts.fates.push(fate);
      await enrol(scope);
      expect(await factorsOf(scope)).toHaveLength(1);
      expect(scope.told.map(({ name }) => name)).toEqual([
        'factor.added',
        'backup-codes.made',
        'two-factor.enabled',
      ]);
    },
  );
});
