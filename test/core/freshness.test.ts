import type { FactorType, ProofType } from '../../lib/account/account';
import { refuseStale, refuseStaleStaff } from '../../lib/core/freshness';
import type { Login } from '../../lib/stores/contracts';
import { aFactor, anAccount } from '../account/an-account';
import { days, minutes, seconds } from '../support/clock';
import { aLogin, coreScope } from './core-scope';

const scope = coreScope();
const now = scope.now();
const withFactor = anAccount([aFactor('phone')]);
const without = anAccount();
const login = (given: Partial<Login> = {}): Login =>
  aLogin(scope, { epoch: 1000, state: 'passed', ...given });
const proof = (type: ProofType, age: number) => ({ type, factorId: null, at: now - age });
const answer = (...args: [Login, typeof without, boolean?]): string =>
  refuseStale(scope, ...args)?.code ?? 'may';

describe('a change of factors', () => {
  it.each<[string, string, Partial<Login>]>([
    ['a proof of now', 'may', { proofs: [proof('totp', 0)] }],
    ['a proof of five minutes ago', 'may', { proofs: [proof('totp', 5 * minutes)] }],
    ['a proof a millisecond older', 'step_up_required', { proofs: [proof('totp', 5 * minutes + 1)] }],
    ['no proof, with a fresh password', 'step_up_required', { proofs: [] }],
    ['a backup code', 'may', { proofs: [proof('backup-code', 0)] }],
    ['an e-mail code where an app is enrolled', 'step_up_required', { proofs: [proof('otp-email', 0)] }],
    ['an SMS where an app is enrolled', 'step_up_required', { proofs: [proof('otp-sms', 0)] }],
    ['an old proof and a fresh one', 'may', { proofs: [proof('totp', days), proof('backup-code', 0)] }],
    ['a proof of a clock that was a day ahead', 'step_up_required', { proofs: [proof('totp', -days)] }],
    ['a proof of a process that is a few seconds ahead', 'may', { proofs: [proof('totp', -5 * seconds)] }],
    ['a half login', 'sign_in_required', { state: 'owed', proofs: [proof('totp', 0)] }],
    ['an older epoch', 'sign_in_required', { epoch: 999, proofs: [proof('totp', 0)] }],
    ['a newer epoch', 'sign_in_required', { epoch: 1001, proofs: [proof('totp', 0)] }],
  ])('by %s: %s', (_name, expected, given) => {
    expect(answer(login(given), withFactor)).toBe(expected);
  });

  it('is allowed by SMS where nothing stronger is enrolled', () => {
    const sms = anAccount([{ ...aFactor('sms'), type: 'otp-sms' as FactorType as 'totp' }]);
    expect(answer(login({ proofs: [proof('otp-sms', 0)] }), sms)).toBe('may');
    expect(answer(login({ proofs: [proof('otp-sms', 6 * minutes)] }), sms)).toBe('step_up_required');
  });
});

describe('the first factor', () => {
  it.each<[string, string, Partial<Login>]>([
    ['a login of now', 'may', {}],
    ['a login of five minutes ago', 'may', { since: now - 5 * minutes }],
    ['an older one', 'sign_in_required', { since: now - 5 * minutes - 1 }],
    ['one of unknown age', 'sign_in_required', { adopted: true }],
    ['a half login', 'sign_in_required', { state: 'owed' }],
    ['an older epoch', 'sign_in_required', { epoch: 999 }],
  ])('by %s: %s', (_name, expected, given) => {
    expect(answer(login({ state: 'exempt', ...given }), without)).toBe(expected);
  });

  it('may follow a password that the app has just asked for again, but not out of a dead login', () => {
    expect(answer(login({ state: 'exempt', since: now - days }), without, true)).toBe('may');
    expect(answer(login({ state: 'exempt', epoch: 999 }), without, true)).toBe('sign_in_required');
    expect(answer(login({ state: 'owed' }), without, true)).toBe('sign_in_required');
  });

  it('is the only one that a password opens', () => {
    expect(answer(login({ proofs: [] }), withFactor, true)).toBe('step_up_required');
  });
});

describe('a change of what belongs to others', () => {
  const refusal = (given: Partial<Login>, account = withFactor) =>
    refuseStaleStaff(scope, login(given), account);
  const key = { ...aFactor('key'), type: 'webauthn' as FactorType as 'totp', rpId: 'app.example' };
  const withKey = anAccount([aFactor('phone'), key]);

  it('takes a fresh proof, as a change of factors does', () => {
    expect(refusal({ proofs: [proof('totp', 5 * minutes)] })).toBeNull();
    expect(refusal({ proofs: [proof('totp', 6 * minutes)] })?.code).toBe('step_up_required');
    expect(refusal({ proofs: [proof('totp', 0)], epoch: 999 })?.code).toBe('sign_in_required');
  });

  it('takes one by a security key of whoever has one', () => {
    expect(refusal({ proofs: [proof('totp', 0)] }, withKey)).toMatchObject({
      code: 'step_up_required',
      reason: 'too_weak',
      ways: ['webauthn'],
    });
    expect(refusal({ proofs: [proof('webauthn', 0)] }, withKey)).toBeNull();
  });

  it('is nothing for whoever has no second factor, however fresh the login is', () => {
    expect(refusal({ proofs: [] }, without)?.code).toBe('forbidden');
  });
});
