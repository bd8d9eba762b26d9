import { hotp, stepAt } from '../../lib/crypto/otp';
import { secondFactor } from '../../lib';
import { codeAt, errorCode, halfLogin } from '../support/browser-agent';
import { days, fakeClock, hours, minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { withAnn, type Cast } from './cast';

const withRoute = async (given: Parameters<typeof withAnn>[0] = {}) => {
  const cast = await withAnn(given, (app, twoFactor) => {
    app.post('/own/totp', twoFactor.authenticate('totp'), (_req, res) => res.json({ ok: true }));
  });
  // Clear of the code that enrolled.
  cast.clock.move(5 * minutes - 40 * seconds);
  return cast;
};

const takers: Readonly<Record<string, (cast: Cast, steps: number) => Promise<boolean>>> = {
  'sign-in': async (cast, steps) =>
    (await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code(steps) })).status === 200,
  'step-up': async (cast, steps) =>
    (await cast.ann.post('/2fa/totp', { code: cast.code(steps) })).status === 200,
  'the bare strategy': async (cast, steps) =>
    (await (await halfLogin(cast)).post('/own/totp', { code: cast.code(steps) })).status === 200,
  'the core check': async (cast, steps) =>
    (await cast.twoFactor.verify('id-ann', 'totp', { code: cast.code(steps) })).ok,
  enrolment: async ({ ann, clock }, steps) => {
    const { body } = await ann.get('/2fa/security/totp').expect(200);
    const code = codeAt(body.secret, clock.now() + steps * 30 * seconds);
    return (await ann.post('/2fa/security/totp', { code })).status === 201;
  },
};

describe('Codes and clocks', () => {
  it.each(Object.keys(takers))(
    'mozilla/fxa #9078: one step slow or fast is taken everywhere: %s',
    async (taker) => {
      for (const steps of [-1, 0, 1])
        expect([steps, await takers[taker]?.(await withRoute(), steps)]).toEqual([steps, true]);
      for (const steps of [-3, -2, 2, 3])
        expect([steps, await takers[taker]?.(await withRoute(), steps)]).toEqual([steps, false]);
    },
  );

  it('Devolutions/slauth PR #129: once a fast code was taken, it and the one before are used; the next works when due', async () => {
    const cast = await withRoute();
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code(1) }).expect(200);
    const other = await halfLogin(cast);
    for (const steps of [0, 1]) {
      expect(errorCode(await other.post('/2fa/totp', { code: cast.code(steps) }).expect(401))).toBe(
        'code_used',
      );
    }
    expect((await takers['sign-in']?.(cast, 2)) ?? true).toBe(false);
    cast.clock.move(30 * seconds);
    await other.post('/2fa/totp', { code: cast.code(1) }).expect(200);
  });

  it('CVE-2024-7318: a code works from one step before its own to one step after, to the millisecond', async () => {
    for (const [from, isTaken] of [
      [-30 * seconds - 1, false],
      [-30 * seconds, true],
      [60 * seconds - 1, true],
      [60 * seconds, false],
    ] as const) {
      const cast = await withAnn();
      const start = stepAt(cast.clock.now() + 10 * minutes) * 30 * seconds;
      const code = codeAt(cast.secret, start);
      cast.clock.set(start + from);
      const { status } = await (await halfLogin(cast)).post('/2fa/totp', { code });
      expect([from, status]).toEqual([from, isTaken ? 200 : 401]);
    }
  });

  it('CVE-2024-7318: where the window is shut, a code works for exactly its own step', async () => {
    for (const [from, isTaken] of [
      [-1, false],
      [0, true],
      [30 * seconds - 1, true],
      [30 * seconds, false],
    ] as const) {
      const cast = await withAnn({ totp: { window: 0 } });
      const start = stepAt(cast.clock.now() + 10 * minutes) * 30 * seconds;
      const code = codeAt(cast.secret, start);
      cast.clock.set(start + from);
      const { status } = await (await halfLogin(cast)).post('/2fa/totp', { code });
      expect([from, status]).toEqual([from, isTaken ? 200 : 401]);
    }
  });

  it('guyht/notp: a window of 0 accepts exactly one step, and one that is no window does not start', async () => {
    const cast = await withRoute({ totp: { window: 0 } });
    for (const steps of [-2, -1, 1, 2]) expect(await takers['the core check']?.(cast, steps)).toBe(false);
    expect(await takers['the core check']?.(cast, 0)).toBe(true);
    const { options } = hostApp();
    for (const window of [-1, 2, 50, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1']) {
      expect(() => secondFactor({ ...options, totp: { window: window as 1 } })).toThrow(/totp\.window/);
    }
  });

  it('NIST 3.1.4: there is no option by which a code could live longer', async () => {
    const { options } = hostApp();
    for (const name of ['period', 'step', 'digits', 'algorithm', 'skew']) {
      expect(() => secondFactor({ ...options, totp: { [name]: 120 } })).toThrow(/no option totp/);
    }
  });

  it('ASVS 6.5.5: a code lives for 30 s, and with the strict window for not a moment longer', async () => {
    const cast = await withRoute({ totp: { window: 0 } });
    const { body } = await cast.ann.get('/2fa/security/totp').expect(200);
    expect(new URL(body.otpauthUrl).searchParams.get('period')).toBe('30');
    const code = cast.code();
    cast.clock.move(30 * seconds);
    expect((await (await halfLogin(cast)).post('/2fa/totp', { code })).status).toBe(401);
  });

  it('ASVS 6.5.8: the server decides what time it is, whatever a client claims', async () => {
    const cast = await withRoute();
    const old = cast.code(-5);
    const other = await halfLogin(cast);
    const then = new Date(cast.clock.now() - 150 * seconds);
    const answer = await other
      .post('/2fa/totp', { code: old, timestamp: then.getTime(), time: then.toISOString(), step: -5 })
      .set({
        Date: then.toUTCString(),
        'X-Time': then.toISOString(),
        'If-Modified-Since': then.toUTCString(),
      });
    expect([answer.status, errorCode(answer)]).toEqual([401, 'clock_off']);
  });

  it('RFC 6238 §4.2: steps are counted beyond 2038, and the last vector of Appendix B comes out', async () => {
    expect(stepAt(20_000_000_000_000)).toBe(0x27bc86aa);
    expect(hotp(Buffer.from('12345678901234567890'), 0x27bc86aa, 8)).toBe('65353130');
    const host = hostApp({ clock: fakeClock(20_000_000_000_000) });
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    await (await halfLogin(host)).post('/2fa/totp', { code: '353130' }).expect(200);
  });

  it('RFC 6238 §6, check 8: a clock 2 to 10 steps slow is told so, at the cost of a try; a fast one is not', async () => {
    const cast = await withRoute();
    cast.clock.move(1 * days);
    for (const [steps, code] of [
      [-1, undefined],
      [-2, 'clock_off'],
      [-10, 'clock_off'],
      [-11, 'wrong_code'],
      [2, 'wrong_code'],
      [10, 'wrong_code'],
    ] as const) {
      const other = await halfLogin(cast);
      const answer = await other.post('/2fa/totp', { code: cast.code(steps) });
      const triesLeft: unknown = answer.body.error?.triesLeft;
      expect([steps, errorCode(answer), triesLeft]).toEqual([steps, code, code && 4]);
    }
  });

  it('put back an hour, it neither takes a used code nor locks anybody out for good', async () => {
    const cast = await withRoute();
    const used = cast.code();
    await (await halfLogin(cast)).post('/2fa/totp', { code: used }).expect(200);
    cast.clock.move(-1 * hours);
    const other = await halfLogin(cast);
    expect((await other.post('/2fa/totp', { code: cast.code() })).status).toBe(401);
    expect((await other.post('/2fa/totp', { code: used })).status).toBe(401);
    await other.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    cast.clock.move(1 * hours + 30 * seconds);
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
  });
});
