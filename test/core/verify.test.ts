import type { ProofType } from '../../lib/account/account';
import type { ProofInput } from '../../lib/core/scope';
import { verify } from '../../lib/core/verify';
import { loadAccount } from '../../lib/core/status';
import { hotp, stepAt } from '../../lib/crypto/otp';
import type { Login } from '../../lib/stores/contracts';
import { importFactor } from '../../lib/core/import-factor';
import { toBase32 } from '../../lib/crypto/base32';
import type { UserId } from '../../lib/account/account';
import { days, minutes, seconds } from '../support/clock';
import { overridePending } from '../support/override';
import {
  ada,
  aLogin,
  codeOf,
  coreScope,
  enrol,
  halfLogin,
  okOf,
  passed,
  settingsWith,
  shownBy,
  wrongCode,
  type CoreScope,
} from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const by = (scope: CoreScope, login: Login | null, tokens: readonly string[] = []) => ({
  totp: (code: unknown) => prove(scope, login, tokens, 'totp', { code }),
  backupCode: (code: unknown) => prove(scope, login, tokens, 'backup-code', { code }),
});

const prove = (
  scope: CoreScope,
  login: Login | null,
  tokens: readonly string[],
  type: ProofType,
  input: ProofInput,
) => verify(scope, { userId: login?.userId ?? ada, login, tokens }, type, input);

/** Ada with an app and codes; what she enrolled with is over. */
async function withAda(given: Parameters<typeof coreScope>[0] = {}) {
  const accounts = new UnreliableAccounts();
  const scope = coreScope({ accounts, ...given });
  const ours = await enrol(scope);
  scope.clock.move(30 * seconds);
  scope.told.length = 0;
  const saves = accounts.saves;
  return { scope, accounts, ...ours, savesSince: () => accounts.saves - saves };
}

const lanes = async (scope: CoreScope) => {
  const { known, others } = (await loadAccount(scope, ada)).lanes;
  return { known: Math.min(known.left, 10), others: Math.min(others.left, 10) };
};

describe('a right code', () => {
  it.each([-1, 0, 1])('of step T%s is taken once, by a half login and by the bare core', async (offset) => {
    const { scope, secret } = await withAda();
    scope.clock.move(60 * seconds);
    const login = await halfLogin(scope);
    const code = shownBy(scope, secret, offset);
    const verified = okOf(await by(scope, login).totp(code));
    expect(verified.proof).toMatchObject({ type: 'totp', at: scope.now() });
    expect(codeOf(await by(scope, login).totp(code))).toBe('code_used');
    expect(codeOf(await by(scope, null).totp(code))).toBe('code_used');
  });

  it.each([-2, 2])('of step T%s is not taken', async (offset) => {
    const { scope, secret } = await withAda();
    scope.clock.move(90 * seconds);
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret, offset)))).toBe(
      offset < 0 ? 'clock_off' : 'wrong_code',
    );
  });

  it('that confirmed the app is used', async () => {
    const { scope, secret } = await withAda();
    expect(codeOf(await by(scope, await halfLogin(scope)).totp(shownBy(scope, secret, -1)))).toBe(
      'code_used',
    );
  });

  it('lets two users in who have the same one in the same minute (laravel/fortify)', async () => {
    const scope = coreScope();
    const secret = toBase32(Buffer.alloc(20, 5));
    const users = ['ada', 'bob'].map((name) => name as UserId);
    for (const userId of users)
      okOf(await importFactor(scope, userId, { type: 'totp', secret, label: 'Phone' }));
    const code = hotp(Buffer.alloc(20, 5), stepAt(scope.now()));
    for (const userId of users) {
      const { epoch } = await loadAccount(scope, userId);
      const login = aLogin(scope, { userId, state: 'owed', epoch });
      expect(codeOf(await by(scope, login).totp(code))).toBe('ok');
      expect(codeOf(await by(scope, login).totp(code))).toBe('code_used');
    }
  });

  it('is used by one of twenty at once', async () => {
    const { scope, secret } = await withAda();
    const code = shownBy(scope, secret);
    const results = await Promise.all(
      Array.from({ length: 20 }, async () => codeOf(await by(scope, await halfLogin(scope)).totp(code))),
    );
    expect(results.toSorted()).toEqual([...Array<string>(19).fill('code_used'), 'ok']);
  });

  it('is noted with browser and time in the same save, which carries every event once', async () => {
    const { scope, secret, accounts, savesSince } = await withAda();
    okOf(await by(scope, await halfLogin(scope), ['new-browser']).totp(shownBy(scope, secret)));
    const account = await loadAccount(scope, ada);
    expect(savesSince()).toBe(1);
    expect(account.browsers).toHaveLength(2);
    expect(account.factors[0]?.lastUsedAt).toBe(scope.now());
    expect(scope.told).toEqual([
      {
        name: 'proof.accepted',
        type: 'totp',
        factorId: account.factors[0]?.id,
        label: 'Phone',
        userId: ada,
        at: scope.now(),
        rev: account.rev,
      },
      {
        name: 'browser.new',
        browserId: account.browsers[0]?.id,
        userId: ada,
        at: scope.now(),
        rev: account.rev,
      },
    ]);
    expect([...accounts.stored.keys()].at(-1)).toBe(account.rev);
  });

  it('without a login leaves no trace of a browser', async () => {
    const { scope, secret } = await withAda();
    okOf(await by(scope, null).totp(shownBy(scope, secret)));
    expect((await loadAccount(scope, ada)).browsers).toHaveLength(1);
  });
});

describe('a wrong code', () => {
  it('tells what is left, the smaller of login and lane, and takes one of each', async () => {
    const { scope, secret } = await withAda();
    const login = await halfLogin(scope);
    const left = [];
    for (let time = 0; time < 5; time += 1) left.push(await by(scope, login).totp(wrongCode(scope, secret)));
    expect(left.map((one) => !one.ok && one.triesLeft)).toEqual([4, 3, 2, 1, 0]);
    expect(await lanes(scope)).toEqual({ known: 10, others: 5 });
    expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('half_login_ended');
    expect(await lanes(scope)).toEqual({ known: 10, others: 5 });
  });

  it('takes the tries of the lane that its browser is in', async () => {
    const { scope, secret, tokens } = await withAda();
    await by(scope, await halfLogin(scope), tokens).totp(wrongCode(scope, secret));
    await by(scope, await halfLogin(scope), ['somebody-elses']).totp(wrongCode(scope, secret));
    await by(scope, await halfLogin(scope)).totp(wrongCode(scope, secret));
    expect(await lanes(scope)).toEqual({ known: 9, others: 8 });
  });

  it('makes no browser known', async () => {
    const { scope, secret } = await withAda();
    await by(scope, await halfLogin(scope), ['somebody-elses']).totp(wrongCode(scope, secret));
    expect((await loadAccount(scope, ada)).browsers).toHaveLength(1);
  });

  it('of a clock that is behind is explained and costs the same', async () => {
    const { scope, secret } = await withAda();
    scope.clock.move(5 * minutes);
    const refused = await by(scope, await halfLogin(scope)).totp(shownBy(scope, secret, -7));
    expect(refused).toEqual({ ok: false, code: 'clock_off', triesLeft: 4 });
    expect(await lanes(scope)).toEqual({ known: 10, others: 9 });
  });

  it('counts once however many apps it was tried against', async () => {
    const { scope, secret } = await withAda();
    const other = Buffer.alloc(20, 9);
    okOf(await importFactor(scope, ada, { type: 'totp', secret: toBase32(other), label: 'Old one' }));
    await by(scope, await halfLogin(scope)).totp(wrongCode(scope, secret, other));
    expect(await lanes(scope)).toEqual({ known: 10, others: 9 });
    expect(codeOf(await by(scope, await halfLogin(scope)).totp(shownBy(scope, other)))).toBe('ok');
  });

  it('says in an event that the lane is empty, once', async () => {
    const { scope, secret } = await withAda();
    for (let time = 0; time < 12; time += 1) await by(scope, null).totp(wrongCode(scope, secret));
    expect(scope.told.filter(({ name }) => name === 'tries.used-up')).toEqual([
      { name: 'tries.used-up', lane: 'others', userId: ada, at: scope.now(), rev: expect.any(String) },
    ]);
  });
});

describe('an empty lane', () => {
  async function emptied() {
    const ours = await withAda();
    for (let time = 0; time < 10; time += 1)
      await by(ours.scope, null).totp(wrongCode(ours.scope, ours.secret));
    return { ...ours, savesBefore: ours.accounts.saves };
  }

  it('refuses unread, right or wrong, and writes nothing', async () => {
    const { scope, secret, accounts, savesBefore, tokens } = await emptied();
    for (const code of [shownBy(scope, secret), wrongCode(scope, secret)])
      expect(await by(scope, null).totp(code)).toMatchObject({
        ok: false,
        code: 'locked',
        retryAfter: 86_400,
      });
    expect(accounts.saves).toBe(savesBefore);
    // Unread: the code is still good for the owner's own browser.
    expect(codeOf(await by(scope, await halfLogin(scope), tokens).totp(shownBy(scope, secret)))).toBe('ok');
  });

  it('promises one time and keeps it, however often one asks', async () => {
    const { scope, secret } = await emptied();
    const start = scope.now();
    const promised = [];
    for (let time = 0; time < 5; time += 1) {
      scope.clock.move(10 * seconds);
      const refused = await by(scope, null).totp(wrongCode(scope, secret));
      promised.push(refused.ok ? 0 : scope.now() + (refused.retryAfter ?? 0) * seconds);
    }
    expect(new Set(promised)).toEqual(new Set([start + days]));
    scope.clock.set(start + days - 1);
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret)))).toBe('locked');
    scope.clock.set(start + days);
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret)))).toBe('ok');
  });

  it('takes no try of the half login that meets it', async () => {
    const { scope, secret } = await emptied();
    const login = await halfLogin(scope);
    for (let time = 0; time < 8; time += 1)
      expect(codeOf(await by(scope, login).totp(wrongCode(scope, secret)))).toBe('locked');
  });

  it('still takes a backup code, which gives no try back', async () => {
    const { scope, secret, codes } = await emptied();
    expect(codeOf(await by(scope, await halfLogin(scope)).backupCode(codes[4]))).toBe('ok');
    expect(codeOf(await by(scope, await halfLogin(scope)).totp(shownBy(scope, secret)))).toBe('locked');
  });

  it('evaluates ten of two hundred guesses at once', async () => {
    const { scope, secret } = await withAda();
    const results = await Promise.all(
      Array.from({ length: 200 }, async () =>
        codeOf(
          await by(scope, null)
            .totp(wrongCode(scope, secret))
            .catch(() => ({ ok: false, code: 'busy' }) as const),
        ),
      ),
    );
    const count = (code: string) => results.filter((one) => one === code).length;
    expect(count('wrong_code')).toBe(10);
    expect(count('locked') + count('busy')).toBe(190);
    expect(await lanes(scope)).toEqual({ known: 10, others: 0 });
  });
});

describe('a closed lane', () => {
  async function closed() {
    const ours = await withAda();
    for (let guess = 0; guess < 100; guess += 1) {
      if (guess >= 10) ours.scope.clock.move(days);
      const refused = await by(ours.scope, null).totp(wrongCode(ours.scope, ours.secret));
      expect(codeOf(refused)).toBe('wrong_code');
    }
    ours.scope.clock.move(400 * days);
    return ours;
  }

  it('comes with the hundredth wrong guess in a row and stays, naming what is left', async () => {
    const { scope, secret } = await closed();
    expect(await by(scope, null).totp(shownBy(scope, secret))).toEqual({
      ok: false,
      code: 'codes_closed',
      ways: ['backup-code'],
    });
  });

  it('is not the owner’s', async () => {
    const { scope, secret, tokens } = await closed();
    expect(codeOf(await by(scope, await halfLogin(scope), tokens).totp(shownBy(scope, secret)))).toBe('ok');
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret, 1)))).toBe('codes_closed');
  });

  it('is opened by a right backup code and by nothing else', async () => {
    const { scope, secret, codes } = await closed();
    const wrong = await by(scope, await halfLogin(scope)).backupCode('0'.repeat(16));
    expect(codeOf(wrong)).toBe('wrong_code');
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret)))).toBe('codes_closed');
    okOf(await by(scope, await halfLogin(scope)).backupCode(codes[0]));
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret)))).toBe('ok');
  });
});

describe('a backup code', () => {
  it('is taken once and counted', async () => {
    const { scope, codes } = await withAda();
    okOf(await by(scope, await halfLogin(scope)).backupCode(codes[2]));
    expect(codeOf(await by(scope, await halfLogin(scope)).backupCode(codes[2]))).toBe('code_used');
    expect(scope.told.map(({ name, left }) => [name, left])).toEqual([
      ['proof.accepted', undefined],
      ['backup-code.used', 9],
      ['browser.new', undefined],
      ['proof.replayed', undefined],
    ]);
  });

  it('is used by one of twenty at once (Keycloak #26106)', async () => {
    const { scope, codes } = await withAda();
    const results = await Promise.all(
      Array.from({ length: 20 }, async () =>
        codeOf(await by(scope, await halfLogin(scope)).backupCode(codes[0])),
      ),
    );
    expect(results.toSorted()).toEqual([...Array<string>(19).fill('code_used'), 'ok']);
  });

  it('that is wrong takes a try of its half login and nothing of the account', async () => {
    const { scope, secret, savesSince } = await withAda();
    const login = await halfLogin(scope);
    const refused = await by(scope, login).backupCode('0'.repeat(16));
    expect(refused).toEqual({ ok: false, code: 'wrong_code', triesLeft: 4 });
    expect(savesSince()).toBe(0);
    for (let time = 0; time < 4; time += 1) await by(scope, login).backupCode('0'.repeat(16));
    expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('half_login_ended');
  });

  it('gives the lanes nothing back that was guessed away', async () => {
    const { scope, secret, codes } = await withAda();
    const login = await halfLogin(scope);
    for (let time = 0; time < 3; time += 1) await by(scope, login).totp(wrongCode(scope, secret));
    okOf(await by(scope, login).backupCode(codes[0]));
    expect(await lanes(scope)).toEqual({ known: 10, others: 7 });
  });
});

describe('what is given back', () => {
  it('is what the login itself had guessed away, backup codes apart', async () => {
    const { scope, secret } = await withAda();
    for (let time = 0; time < 4; time += 1) await by(scope, null).totp(wrongCode(scope, secret));
    const login = await halfLogin(scope);
    await by(scope, login).totp(wrongCode(scope, secret));
    await by(scope, login).backupCode('0'.repeat(16));
    await by(scope, login).totp(wrongCode(scope, secret));
    expect(await lanes(scope)).toEqual({ known: 10, others: 4 });
    okOf(await by(scope, login).totp(shownBy(scope, secret)));
    expect(await lanes(scope)).toEqual({ known: 10, others: 6 });
  });

  it('is given back once: a login that proves itself again and again hands an attacker no new tries', async () => {
    const { scope, secret } = await withAda();
    for (let time = 0; time < 8; time += 1) await by(scope, null).totp(wrongCode(scope, secret));
    const half = await halfLogin(scope);
    await by(scope, half).totp(wrongCode(scope, secret));
    const { proof, account } = okOf(await by(scope, half).totp(shownBy(scope, secret)));
    const spent = (await lanes(scope)).others;
    expect(spent).toBe(2);
    let login = passed(half, account, proof);
    for (let time = 0; time < 4; time += 1) {
      scope.clock.move(30 * seconds);
      const again = okOf(await by(scope, login).totp(shownBy(scope, secret)));
      login = passed(login, again.account, again.proof);
    }
    expect((await lanes(scope)).others).toBe(spent);
  });
});

describe('a step-up', () => {
  async function complete() {
    const ours = await withAda();
    const half = await halfLogin(ours.scope);
    for (let time = 0; time < 4; time += 1)
      await by(ours.scope, half).totp(wrongCode(ours.scope, ours.secret));
    const { account, proof } = okOf(await by(ours.scope, half).totp(shownBy(ours.scope, ours.secret)));
    ours.scope.clock.move(30 * seconds);
    return { ...ours, login: passed(half, account, proof) };
  }

  it('has five tries of its own, whatever the half login before it spent', async () => {
    const { scope, secret, login, tokens } = await complete();
    const left = [];
    for (let time = 0; time < 5; time += 1)
      left.push(await by(scope, login, tokens).totp(wrongCode(scope, secret)));
    expect(left.map((one) => !one.ok && one.triesLeft)).toEqual([4, 3, 2, 1, 0]);
  });

  it('waits after five wrong ones until ten minutes after the first, and is not over', async () => {
    const { scope, secret, login, tokens } = await complete();
    for (let time = 0; time < 5; time += 1) {
      await by(scope, login, tokens).totp(wrongCode(scope, secret));
      scope.clock.move(minutes);
    }
    const refused = await by(scope, login, tokens).totp(shownBy(scope, secret));
    expect(refused).toMatchObject({ ok: false, code: 'locked', retryAfter: 300 });
    scope.clock.move(5 * minutes);
    expect(codeOf(await by(scope, login, tokens).totp(shownBy(scope, secret)))).toBe('ok');
  });

  it('can be right any number of times', async () => {
    const { scope, secret, login } = await complete();
    for (let time = 0; time < 12; time += 1) {
      expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('ok');
      scope.clock.move(30 * seconds);
    }
  });
});

describe('what is not asked at all', () => {
  it('is a malformed code, which costs nothing', async () => {
    const { scope, secret, accounts, savesSince } = await withAda();
    const login = await halfLogin(scope);
    const loads = accounts.loads;
    for (const code of ['', '12345', 'abcdef', 123_456, null, undefined, {}, ['123456']])
      expect(await by(scope, login).totp(code)).toMatchObject({
        ok: false,
        code: 'malformed',
        field: 'code',
      });
    expect([
      accounts.loads - loads,
      savesSince(),
      (await scope.pending.tries.read(login.loginId)).count,
    ]).toEqual([0, 0, 0]);
    expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('ok');
  });

  it('is a type that the user has not, or that nobody has', async () => {
    const scope = coreScope();
    for (const type of ['totp', 'backup-code', 'webauthn', 'otp-sms', 'constructor', 'toString'] as const)
      expect(
        codeOf(
          await prove(scope, null, [], type as ProofType, {
            code: type === 'totp' || type === 'otp-sms' ? '123456' : '0'.repeat(16),
          }),
        ),
      ).toBe('not_found');
    expect(await scope.accounts.load(ada)).toBeNull();
  });

  it('is a login of an epoch that is over, or that has not come, and it costs no try', async () => {
    const { scope, secret, savesSince } = await withAda();
    const { epoch } = await loadAccount(scope, ada);
    for (const other of [epoch - 1, epoch + 1, 0]) {
      const login = aLogin(scope, { state: 'owed', epoch: other });
      expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('sign_in_required');
      expect((await scope.pending.tries.read(login.loginId)).count).toBe(0);
    }
    expect(savesSince()).toBe(0);
  });

  it('is a backup code of a user who has no factor: codes alone are not one', async () => {
    const { scope, codes, accounts } = await withAda();
    const account = await loadAccount(scope, ada);
    await accounts.inner.save({ ...account, factors: [] }, account.rev);
    expect(codeOf(await by(scope, null).backupCode(codes[0]))).toBe('not_found');
  });
});

describe('a store that fails in the middle', () => {
  it('costs a try and tells nothing when it fails before the save', async () => {
    const { scope, secret, accounts } = await withAda();
    const login = await halfLogin(scope);
    accounts.fates.push('not stored, then down');
    await expect(by(scope, login).totp(shownBy(scope, secret))).rejects.toMatchObject({ status: 503 });
    expect((await scope.pending.tries.read(login.loginId)).count).toBe(1);
    expect(scope.told).toEqual([]);
    expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('ok');
  });

  it('costs the code when it fails after the save: never does it count twice', async () => {
    const { scope, secret, accounts } = await withAda();
    const login = await halfLogin(scope);
    accounts.fates.push('stored, then down');
    await expect(by(scope, login).totp(shownBy(scope, secret))).rejects.toMatchObject({ status: 503 });
    expect(codeOf(await by(scope, login).totp(shownBy(scope, secret)))).toBe('code_used');
  });

  it('counts before it judges: with the counter down nothing is judged', async () => {
    const { scope, secret, savesSince } = await withAda();
    const pending = overridePending(scope.pending, {
      tries: { count: () => Promise.reject(new Error('down')) },
    });
    const login = await halfLogin(scope);
    await expect(by({ ...scope, pending }, login).totp(wrongCode(scope, secret))).rejects.toThrow('down');
    expect(savesSince()).toBe(0);
  });

  it('refuses when a seed does not open, and lets nobody in', async () => {
    const { scope, secret } = await withAda();
    const other = coreScope({ ...scope, keys: ['22'.repeat(32)] });
    await expect(
      by({ ...other, accounts: scope.accounts }, null).totp(shownBy(scope, secret)),
    ).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

describe('a window of 0', () => {
  it('takes one step and no other (notp, passport-totp)', async () => {
    const { scope, secret } = await withAda({ settings: settingsWith({ totpWindow: 0 }) });
    scope.clock.move(60 * seconds);
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret, -1)))).toBe('clock_off');
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret, 1)))).toBe('wrong_code');
    expect(codeOf(await by(scope, null).totp(shownBy(scope, secret)))).toBe('ok');
  });
});
