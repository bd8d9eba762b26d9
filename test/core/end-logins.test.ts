import { endLogins, forget } from '../../lib/core/end-logins';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { loginKeyOf, userKeyOf } from '../../lib/crypto/digest';
import { overridePending } from '../support/override';
import { ada, aLogin, codeOf, coreScope, enrol, halfLogin, shownBy } from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

describe('ending all logins', () => {
  it('moves the epoch, and stores an account where there was none, to hold it', async () => {
    const scope = coreScope();
    expect(await endLogins(scope, ada)).toMatchObject({ account: { epoch: scope.now() }, goesOn: false });
    expect(await endLogins(scope, ada)).toMatchObject({ account: { epoch: scope.now() + 1 }, goesOn: false });
    expect(await loadAccount(scope, ada)).toMatchObject({ epoch: scope.now() + 1, factors: [] });
    expect(scope.told.map(({ name }) => name)).toEqual(['logins.ended', 'logins.ended']);
  });

  it('ends half logins too', async () => {
    const scope = coreScope();
    const { secret } = await enrol(scope);
    const login = await halfLogin(scope);
    scope.clock.move(30_000);
    await endLogins(scope, ada);
    const prover = { userId: ada, login, tokens: [] };
    expect(codeOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) }))).toBe(
      'sign_in_required',
    );
  });

  it('lets the login that asked go on', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    expect(await endLogins(scope, ada, login)).toMatchObject({ goesOn: true });
  });

  it('lets it go on only if it was in force: of two that ask at once, one goes on', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const ended = await Promise.all(
      [login, { ...login, loginId: 'another' }].map((one) => endLogins(scope, ada, one)),
    );
    expect(ended.filter(({ goesOn }) => goesOn)).toHaveLength(1);
  });

  it('lets no other user’s login go on', async () => {
    const scope = coreScope();
    const other = aLogin(scope, { userId: 'bob' as typeof ada });
    expect(await endLogins(scope, ada, other)).toMatchObject({ goesOn: false });
  });

  it('lets none go on where the outcome was unknown and somebody saved over it', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    const { login } = await enrol(scope);
    accounts.fates.push('stored, not heard of, overwritten');
    expect(await endLogins(scope, ada, login)).toMatchObject({ goesOn: false });
  });
});

describe('forgetting a user', () => {
  it('deletes the account and every complete login, and tells it', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const [key, user] = [loginKeyOf('session'), userKeyOf(ada)];
    await scope.pending.logins.write(key, login, user, 1000, null);
    scope.told.length = 0;
    await forget(scope, ada);
    expect(await scope.accounts.load(ada)).toBeNull();
    expect(await scope.pending.logins.has(key)).toBe(false);
    expect(await scope.pending.epochs.read(user)).toBe('?');
    const happened = { userId: ada, at: scope.now() };
    expect(scope.told).toEqual([
      { name: 'login.ended', loginId: login.loginId, why: 'forgotten', ...happened },
      { name: 'account.forgotten', ...happened },
    ]);
  });

  it('leaves nothing that works: not the app, not a code, not a login', async () => {
    const scope = coreScope();
    const { secret, codes, login } = await enrol(scope);
    const half = await halfLogin(scope);
    await forget(scope, ada);
    scope.clock.move(30_000);
    const as = (one: typeof login | null) => ({ userId: ada, login: one, tokens: [] });
    for (const one of [null, login, half]) {
      const byApp = await verify(scope, as(one), 'totp', { code: shownBy(scope, secret) });
      const byCode = await verify(scope, as(one), 'backup-code', { code: codes[0] });
      expect([codeOf(byApp), codeOf(byCode)]).toEqual(Array(2).fill(one ? 'sign_in_required' : 'not_found'));
    }
  });

  it('lets a user who comes back enrol anew, whose epoch no old login carries', async () => {
    const scope = coreScope();
    const before = await enrol(scope);
    await forget(scope, ada);
    const after = await enrol({ ...scope, now: () => scope.clock.now() + 1 });
    expect(after.login.epoch).toBeGreaterThan(before.login.epoch);
  });

  it('deletes nothing when the number can’t be suspended', async () => {
    const scope = coreScope();
    await enrol(scope);
    const pending = overridePending(scope.pending, {
      epochs: { suspend: () => Promise.reject(new Error('down')) },
    });
    await expect(forget({ ...scope, pending }, ada)).rejects.toThrow('down');
    expect(await scope.accounts.load(ada)).not.toBeNull();
  });
});
