import { Secret, TOTP } from 'otpauth';
import type { Account, TotpFactor } from '../../lib/account/account';
import { markUsed } from '../../lib/account/factors';
import { toBase32 } from '../../lib/crypto/base32';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { TOTP_PERIOD, hotp, stepAt } from '../../lib/crypto/otp';
import { createSeal } from '../../lib/crypto/seal';
import {
  checkTotp,
  hasTotpSecret,
  isClockBehind,
  otpauthUrl,
  isWeakSeed,
  readTotpSecret,
  sealTotpSecret,
  stepOfCode,
} from '../../lib/factors/totp';
import { aFactor, ada, anAccount, noon } from '../account/an-account';

/** When a time step begins, ms. */
const startOfStep = (step: number): number => step * TOTP_PERIOD * 1000;

const seal = createSeal(createKeyRing(['11'.repeat(32)]));
const seedOf = (text: string): Buffer => Buffer.from(text.padEnd(20, '.'));
const app = (id: string, seed: Buffer, given: Partial<TotpFactor> = {}): TotpFactor =>
  aFactor(id, { secret: sealTotpSecret({ userId: ada }, id, seed, seal), ...given });

const T = stepAt(noon);
const seed = seedOf('phone');
const phone = app('phone', seed);
const check = (account: Account, code: string, now = noon, window = 1) =>
  checkTotp(account, code, now, window, seal);
const outcome = (...given: Parameters<typeof check>): string => {
  const checked = check(...given);
  return checked.ok ? 'ok' : checked.code;
};

/** Found by search: their codes at T and one or two steps later are equal. */
const twins = { neighbours: seedOf('seed1083750'), twoApart: seedOf('seed477866') };

describe('the window', () => {
  const offsets = [-2, -1, 0, 1, 2];

  // The same on both sides and everywhere (fxa #9078, slauth #129): the rows are where a code is judged.
  it.each<[string, (code: string, now: number, window: number) => boolean]>([
    ['at sign-in and in the core', (code, now, window) => check(anAccount([phone]), code, now, window).ok],
    ['at enrolment', (code, now, window) => stepOfCode(seed, code, now, window) !== undefined],
  ])('%s takes T−1, T and T+1, and T alone when it is 0', (_where, isTaken) => {
    const taken = (now: number, window: number) =>
      offsets.map((offset) => isTaken(hotp(seed, T + offset), now, window));
    // The first and the last millisecond of the step.
    for (const now of [startOfStep(T), startOfStep(T + 1) - 1]) {
      expect(taken(now, 1)).toEqual([false, true, true, true, false]);
      expect(taken(now, 0)).toEqual([false, false, true, false, false]);
    }
  });

  it('says which step it was, for either place', () => {
    for (const offset of [-1, 0, 1]) {
      const code = hotp(seed, T + offset);
      expect(check(anAccount([phone]), code)).toEqual({ ok: true, factor: phone, step: T + offset });
      expect(stepOfCode(seed, code, noon, 1)).toBe(T + offset);
    }
  });

  it('ends for a code 60 s after its step began, and not later (CVE-2024-7318)', () => {
    const code = hotp(seed, T);
    expect(outcome(anAccount([phone]), code, startOfStep(T + 2) - 1)).toBe('ok');
    expect(outcome(anAccount([phone]), code, startOfStep(T + 2))).not.toBe('ok');
  });

  it('takes what an authenticator app shows', () => {
    const shown = new TOTP({ secret: Secret.fromBase32(toBase32(seed)) }).generate({ timestamp: noon });
    expect(outcome(anAccount([phone]), shown)).toBe('ok');
  });
});

describe('a code that was used', () => {
  const after = (offset: number): Account => markUsed(anAccount([phone]), phone, T + offset, noon);

  it.each([
    [-1, ['code_used', 'ok', 'ok']],
    [0, ['code_used', 'code_used', 'ok']],
    [1, ['code_used', 'code_used', 'code_used']],
  ])('at T%+d leaves of T−1, T, T+1 only what is later', (offset, expected) => {
    const results = [-1, 0, 1].map((one) => outcome(after(offset), hotp(seed, T + one)));
    expect(results).toEqual(expected);
  });

  it('early, by a fast phone, is followed by T+2 when that is due', () => {
    expect(outcome(after(1), hotp(seed, T + 2), startOfStep(T + 1))).toBe('ok');
  });

  it('is told from a clock that is slow for as long as that would be explained', () => {
    const at = (step: number) => outcome(after(0), hotp(seed, T), startOfStep(T + step));
    expect(new Set([0, 1, 2, 10].map(at))).toEqual(new Set(['code_used']));
    expect(at(11)).toBe('wrong_code');
  });

  it('at enrolment counts, at every step of the window', () => {
    for (const offset of [-1, 0, 1]) {
      const code = hotp(seed, T + offset);
      const step = stepOfCode(seed, code, noon, 1);
      expect(outcome(anAccount([app('phone', seed, { usedUpTo: step ?? 0 })]), code)).toBe('code_used');
    }
  });
});

describe('a clock that is wrong', () => {
  it.each([-2, -3, -5, -9, -10])('is named when it is %d steps off', (offset) => {
    expect(outcome(anAccount([phone]), hotp(seed, T + offset))).toBe('clock_off');
    expect(isClockBehind(seed, hotp(seed, T + offset), noon, 1)).toBe(true);
  });

  it.each([-11, -12, -100, 2, 3, 10, 11])('is not named when it is %+d steps off', (offset) => {
    expect(outcome(anAccount([phone]), hotp(seed, T + offset))).toBe('wrong_code');
    expect(isClockBehind(seed, hotp(seed, T + offset), noon, 1)).toBe(false);
  });

  it('is named from the first step outside a window of 0', () => {
    expect(outcome(anAccount([phone]), hotp(seed, T - 1), noon, 0)).toBe('clock_off');
  });
});

describe('neighbouring steps with equal codes (Trilium PR #11448)', () => {
  const account = (twin: Buffer) => anAccount([app('phone', twin)]);

  it('count as the later one, so that one code never signs in twice', () => {
    const code = hotp(twins.neighbours, T);
    expect(hotp(twins.neighbours, T + 1)).toBe(code);
    const first = check(account(twins.neighbours), code);
    expect(first).toMatchObject({ ok: true, step: T + 1 });
    if (!first.ok) return;
    const used = markUsed(account(twins.neighbours), first.factor, first.step, noon);
    for (const step of [T, T + 1, T + 2]) expect(outcome(used, code, startOfStep(step))).toBe('code_used');
    expect(outcome(used, hotp(twins.neighbours, T + 2), startOfStep(T + 2))).toBe('ok');
    expect(stepOfCode(twins.neighbours, code, noon, 1)).toBe(T + 1);
  });

  it('are refused as used while the earlier one, which was used, is in the window', () => {
    const code = hotp(twins.twoApart, T);
    expect(hotp(twins.twoApart, T + 2)).toBe(code);
    const used = markUsed(account(twins.twoApart), app('phone', twins.twoApart), T, noon);
    expect(outcome(used, code, startOfStep(T + 1))).toBe('code_used');
    // The fresh one works when it is due.
    expect(outcome(used, code, startOfStep(T + 2))).toBe('ok');
  });
});

describe('two apps', () => {
  const [one, other] = [seedOf('one'), seedOf('other')];
  const account = anAccount([app('1', one), app('2', other)]);

  it('share one box: either code is right, for its own app', () => {
    expect(check(account, hotp(one, T))).toMatchObject({ ok: true, factor: { id: '1' } });
    expect(check(account, hotp(other, T))).toMatchObject({ ok: true, factor: { id: '2' } });
    expect(outcome(account, '000000')).toBe('wrong_code');
  });

  it('are used up each for itself', () => {
    const [first] = account.factors;
    if (!first) throw new Error('no factor');
    const used = markUsed(account, first, T, noon);
    expect(outcome(used, hotp(one, T))).toBe('code_used');
    expect(outcome(used, hotp(other, T))).toBe('ok');
  });

  it('with the same code now are both right once', () => {
    const [a, b] = [app('a', twins.neighbours, { usedUpTo: T + 1 }), app('b', twins.neighbours)];
    expect(check(anAccount([a, b]), hotp(twins.neighbours, T))).toMatchObject({ factor: { id: 'b' } });
  });

  it('with one slow clock between them name it', () => {
    expect(outcome(account, hotp(other, T - 5))).toBe('clock_off');
  });
});

describe('an account without apps', () => {
  it('has no right code', () => {
    expect(outcome(anAccount(), hotp(seed, T))).toBe('wrong_code');
    expect(hasTotpSecret(anAccount(), seed, seal)).toBe(false);
  });
});

describe('a seed at rest', () => {
  it('opens for its own factor and user only: a row copied to another user is an error, not a pass', () => {
    const bobs = app('phone', seed, {
      secret: sealTotpSecret({ userId: 'bob' as typeof ada }, 'phone', seed, seal),
    });
    expect(() => check(anAccount([bobs]), hotp(seed, T))).toThrow('A stored secret cannot be opened.');
    expect(() => check(anAccount([{ ...phone, id: app('tablet', seed).id }]), hotp(seed, T))).toThrow(
      'A stored secret cannot be opened.',
    );
  });

  it('is known again', () => {
    expect(hasTotpSecret(anAccount([phone]), seed, seal)).toBe(true);
    expect(hasTotpSecret(anAccount([phone]), seedOf('tablet'), seal)).toBe(false);
    expect(hasTotpSecret(anAccount([phone]), seed.subarray(0, 19), seal)).toBe(false);
  });
});

describe('a seed from elsewhere', () => {
  const ofBytes = (length: number) => toBase32(Buffer.alloc(length, 7));

  it.each([10, 15, 16, 20, 32, 64])('is taken with %d bytes, in base32 or as they are', (length) => {
    expect(readTotpSecret(ofBytes(length))).toHaveLength(length);
    expect(readTotpSecret(new Uint8Array(length))).toHaveLength(length);
  });

  it.each([1, 9, 65, 100])('is refused with %d bytes', (length) => {
    expect(readTotpSecret(ofBytes(length))).toBeNull();
    expect(readTotpSecret(Buffer.alloc(length))).toBeNull();
  });

  it.each([
    [10, true],
    [15, true],
    [16, false],
  ])('of %d bytes is weak: %s (RFC 4226 §4 R6)', (length, isWeak) => {
    expect(isWeakSeed(Buffer.alloc(length))).toBe(isWeak);
  });

  it('is read as people print it', () => {
    const text = ofBytes(20)
      .replace(/(.{4})(?=.)/g, '$1 ')
      .toLowerCase();
    expect(readTotpSecret(text)).toEqual(Buffer.alloc(20, 7));
  });

  it.each([
    ['no base32!'],
    [''],
    ['A'.repeat(257)],
    [undefined],
    [null],
    [42],
    [{ type: 'Buffer', data: [] }],
    [[ofBytes(20)]],
    ['ab'.repeat(16) + '01'],
  ])('is not %j', (value) => {
    expect(readTotpSecret(value)).toBeNull();
  });
});

describe('the address for an app', () => {
  const parsed = (issuer: string, account: string) => {
    const url = otpauthUrl(issuer, account, seed);
    const label = decodeURIComponent(new URL(url).pathname.replace(/^\/+/, '').replace(/^totp\//, ''));
    return { url, label, query: new URL(url).searchParams };
  };

  // Wallos #1147, MeshCentral #3745, pterodactyl #1690.
  it.each([
    ['Web Admin', 'ann@example.com'],
    ['👾 Účto', 'Hervé'],
    ['宮腰', 'a?b#c&d%'],
    ['A+B & C', "O'Neil+tag@x.org"],
    ['100 %', '%41%'],
    ['a/b\\c', '../../x'],
  ])('of %s and %s is plain ASCII and gives the very names back', (issuer, account) => {
    const { url, label, query } = parsed(issuer, account);
    expect(url).toMatch(/^otpauth:\/\/totp\/[\x21-\x7e]+$/);
    expect(url).not.toContain('+');
    expect(label).toBe(`${issuer}:${account}`);
    expect(query.get('issuer')).toBe(issuer);
    expect(query.get('secret')).toBe(toBase32(seed));
    expect([query.get('algorithm'), query.get('digits'), query.get('period')]).toEqual(['SHA1', '6', '30']);
  });

  it('has one colon, whatever the names hold', () => {
    expect(parsed('a:b', ':c:').label).toBe('a b:c');
  });

  it('is made of half a surrogate pair too', () => {
    expect(parsed('app', 'ann\ud800').label).toBe('app:ann\ufffd');
  });

  it('is read by otpauth as it was meant', async () => {
    const { URI } = await import('otpauth');
    const read = URI.parse(otpauthUrl('👾 Účto', 'a?b#c&d%', seed));
    expect([read.issuer, read.label, read.secret.base32]).toEqual(['👾 Účto', 'a?b#c&d%', toBase32(seed)]);
  });
});
