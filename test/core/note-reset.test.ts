import type { ProofType } from '../../lib/account/account';
import { importFactor } from '../../lib/core/import-factor';
import { notePasswordReset } from '../../lib/core/note-reset';
import { isOffered } from '../../lib/core/offer';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { minutes, seconds } from '../support/clock';
import {
  ada,
  aLogin,
  codeOf,
  coreScope,
  enrol,
  halfLogin,
  okOf,
  shownBy,
  type CoreScope,
} from './core-scope';

const prover = { userId: ada, tokens: [] };
const by = (scope: CoreScope, login: Parameters<typeof verify>[1]['login'], type: ProofType, code: string) =>
  verify(scope, { ...prover, login }, type, { code });
const noted = async (scope: CoreScope) => (await loadAccount(scope, ada)).resetBy ?? null;

async function adaAfterReset() {
  const scope = coreScope();
  const enrolled = await enrol(scope);
  scope.clock.move(90 * seconds);
  const before = await halfLogin(scope);
  scope.clock.move(10 * minutes);
  await notePasswordReset(scope, ada, 'email');
  const { resetBy } = await loadAccount(scope, ada);
  expect(resetBy).toEqual({ channel: 'email', at: scope.now() });
  return { scope, before, ...enrolled };
}

describe('A reset by mail', () => {
  it('ends no login, and is written once', async () => {
    const { scope, secret } = await adaAfterReset();
    const { epoch, rev } = await loadAccount(scope, ada);
    await notePasswordReset(scope, ada, 'email');
    const after = await loadAccount(scope, ada);
    expect([after.epoch, after.rev === rev]).toEqual([epoch, false]);
    expect(codeOf(await by(scope, await halfLogin(scope), 'totp', shownBy(scope, secret)))).toBe('ok');
  });

  it('is settled by another kind of proof of a login that came after it', async () => {
    const { scope, secret } = await adaAfterReset();
    okOf(await by(scope, await halfLogin(scope), 'totp', shownBy(scope, secret)));
    expect(await noted(scope)).toBeNull();
  });

  it.each([
    ['an app, without a login', null],
    ['an app, by a process whose clock is a little behind', -30 * seconds],
  ])('is settled by %s', async (_, skew) => {
    const { scope, secret } = await adaAfterReset();
    const login = skew === null ? null : { ...(await halfLogin(scope)), since: scope.now() + skew };
    okOf(await by(scope, login, 'totp', shownBy(scope, secret)));
    expect(await noted(scope)).toBeNull();
  });

  it('is settled by a backup code', async () => {
    const { scope, codes } = await adaAfterReset();
    okOf(await by(scope, await halfLogin(scope), 'backup-code', codes[3] ?? ''));
    expect(await noted(scope)).toBeNull();
  });

  it('is not settled by a wrong proof, nor by one of a login of before, which shows nothing of the new password', async () => {
    const { scope, secret, before } = await adaAfterReset();
    expect(codeOf(await by(scope, await halfLogin(scope), 'totp', '000000'))).not.toBe('ok');
    okOf(await by(scope, { ...before, state: 'passed' }, 'totp', shownBy(scope, secret)));
    expect(await noted(scope)).toMatchObject({ channel: 'email' });
  });

  it('is settled, although the clock that noted it was days ahead', async () => {
    const { scope, secret } = await adaAfterReset();
    scope.clock.move(3 * 24 * 60 * minutes);
    await notePasswordReset(scope, ada, 'email');
    scope.clock.move(-3 * 24 * 60 * minutes);
    okOf(await by(scope, await halfLogin(scope), 'totp', shownBy(scope, secret)));
    expect(await noted(scope)).toBeNull();
  });

  it('is noted for who has no factor yet, so that the mailbox is none when it becomes one', async () => {
    const scope = coreScope();
    await notePasswordReset(scope, ada, 'email');
    okOf(
      await importFactor(scope, ada, {
        type: 'totp',
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        label: 'Phone',
      }),
    );
    expect(await noted(scope)).toMatchObject({ channel: 'email' });
  });
});

describe('A login that a mail opened', () => {
  it('takes no code by mail until it has proven it another way, whatever the account says', async () => {
    const scope = { ...coreScope(), delivery: { isOn: () => true } } as unknown as CoreScope;
    const account = await loadAccount(scope, ada);
    const proof = { factorId: null, at: scope.now() };
    const opened = aLogin(scope, { state: 'owed', usedChannel: 'otp-email' });
    const offered = (given: Partial<typeof opened>) =>
      isOffered(scope, { ...opened, ...given }, account, 'otp-email');
    expect(offered({})).toBe(false);
    expect(offered({ proofs: [{ ...proof, type: 'otp-email' }] })).toBe(false);
    expect(offered({ proofs: [{ ...proof, type: 'totp' }] })).toBe(true);
    expect(isOffered(scope, opened, account, 'otp-sms')).toBe(true);
  });
});
