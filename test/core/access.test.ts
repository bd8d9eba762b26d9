import { Access } from '../../lib/core/access';
import { openSetup, readSetup, refuseSetup } from '../../lib/core/setup';
import type { Login } from '../../lib/stores/contracts';
import { aFactor, anAccount } from '../account/an-account';
import { hours, minutes } from '../support/clock';
import { accessOf, aLogin, codeOf, coreScope, enrol, okOf } from './core-scope';

const without = anAccount();
const withFactor = anAccount([aFactor('phone')]);

describe('Access', () => {
  const stale = (scope: ReturnType<typeof coreScope>, given: Partial<Login> = {}) =>
    aLogin(scope, { epoch: without.epoch, since: scope.now() - hours, ...given });

  it.each([
    ['a fresh login', 0, without, 0],
    ['a stale one without a factor', hours, without, 1],
    ['a stale one with a factor: a password does not open that', hours, withFactor, 0],
  ])('asks the app for the first factor only where that counts: %s', async (_what, age, account, times) => {
    const scope = coreScope();
    const login = aLogin(scope, { epoch: account.epoch, since: scope.now() - age });
    const reauthenticate = jest.fn(() => true);
    await Access.of(scope, login, account, reauthenticate);
    expect(reauthenticate).toHaveBeenCalledTimes(times);
  });

  it('takes the word of the app, and only for the login it was given for', async () => {
    const scope = coreScope();
    const access = await Access.of(scope, stale(scope), without, async () => true);
    expect(access.refusal(scope)).toBeNull();
    // Two-factor was switched on elsewhere meanwhile.
    expect(access.refusal(scope, withFactor)).toMatchObject({ code: 'step_up_required' });
    expect(access.refusal(scope, { ...without, epoch: without.epoch + 1 })).toMatchObject({
      code: 'sign_in_required',
    });
  });

  it('does not let an error of the app pass for its word', async () => {
    const scope = coreScope();
    const failing = Access.of(scope, stale(scope), without, () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
  });
});

describe('A set-up is open', () => {
  it('never to a login that is half done or over, be it as young as can be', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    const { setup } = okOf(await openSetup(scope, await accessOf(scope, login), 'totp'));
    for (const over of [{ state: 'owed' }, { epoch: login.epoch - 1 }, { epoch: login.epoch + 1 }] as const) {
      const access = await accessOf(scope, { ...login, ...over });
      expect(refuseSetup(scope, access, setup)).toMatchObject({ code: 'sign_in_required' });
      expect(codeOf(await openSetup(scope, access, 'totp'))).toBe('sign_in_required');
    }
  });

  it('not longer because a clock was put back: one of the future is none of now', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    okOf(await openSetup(scope, await accessOf(scope, login), 'totp'));
    scope.clock.move(-20 * minutes);
    const begun = await readSetup(scope, await accessOf(scope, login), 'totp');
    expect(begun).toMatchObject({ ok: false, code: 'step_up_required' });
  });

  it('and tells one who may not see it that it is there, and nothing of it', async () => {
    const scope = coreScope();
    const { login } = await enrol(scope);
    okOf(await openSetup(scope, await accessOf(scope, login), 'backup-codes'));
    scope.clock.move(11 * minutes);
    expect(await readSetup(scope, await accessOf(scope, login), 'backup-codes')).toEqual({
      ok: false,
      code: 'step_up_required',
      notice: { isProven: false, hasCodes: true },
    });
  });
});
