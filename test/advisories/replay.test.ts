import type { Response } from 'supertest';
import { toBase32 } from '../../lib/crypto/base32';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  type BrowserAgent,
  halfLogin,
} from '../support/browser-agent';
import { fakeClock, minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { atOnce, count, jumbledAccounts, listen, submit, withAnn, type Cast } from './cast';

const totp = (agent: BrowserAgent, code: string) => agent.post('/2fa/totp', { code });

/** Two seeds out of a million have equal codes at two given neighbouring steps: this one, at this step. */
const twins = { seed: Buffer.from('twin5...............'), step: 59_859_773, code: '540098' };

/** Every way a code can reach us, all for a new half login. */
const ways: Readonly<Record<string, (cast: Cast, code: string) => Promise<boolean>>> = {
  page: async (cast, code) =>
    (await submit(await halfLogin(cast), '/2fa', '/2fa/totp', { code })).status === 303,
  JSON: async (cast, code) => (await totp(await halfLogin(cast), code)).status === 200,
  'the strategy in a route of the app': async (cast, code) =>
    (await (await halfLogin(cast)).post('/own/totp', { code })).status === 200,
  'the core': async (cast, code) => (await cast.twoFactor.verify('id-ann', 'totp', { code })).ok,
  'step-up of a complete login': async (cast, code) => (await totp(cast.ann, code)).status === 200,
};

const withRoute = () =>
  withAnn({}, (app, twoFactor) => {
    app.post('/own/totp', twoFactor.authenticate('totp'), (_req, res) => res.json({ ok: true }));
  });

describe('A code counts once', () => {
  it('CVE-2015-7225: the same code is refused in a second sign-in of its step', async () => {
    const cast = await withAnn();
    await totp(await halfLogin(cast), cast.code()).expect(200);
    expect(errorCode(await totp(await halfLogin(cast), cast.code()).expect(401))).toBe('code_used');
  });

  it.each([-1, 0, 1])(
    'CVE-2021-43177: at no time in the window is a code accepted again, first used %s steps off',
    async (offset) => {
      const cast = await withAnn();
      cast.clock.move(60 * seconds);
      const code = cast.code(offset);
      await totp(await halfLogin(cast), code).expect(200);
      // At both ends of each step, from the one it was used in to well past the window and its explanations.
      for (let step = 0; step < 14; step += 1) {
        for (const move of [28 * seconds, 2 * seconds]) {
          const again = await totp(await halfLogin(cast), code).expect(401);
          expect(errorCode(again)).toBe(step <= offset + 10 ? 'code_used' : 'wrong_code');
          cast.clock.move(move);
        }
      }
      await cast.ann.get('/me').expect(200);
    },
  );

  it('Rodauth master: a code is not accepted again 32 s later', async () => {
    const cast = await withAnn();
    const code = cast.code();
    await totp(await halfLogin(cast), code).expect(200);
    cast.clock.move(32 * seconds);
    expect(errorCode(await totp(await halfLogin(cast), code))).toBe('code_used');
  });

  it('allauth 0.61.0: a code of an earlier step than the newest one used is over too', async () => {
    const cast = await withAnn();
    const [now, before] = [cast.code(), cast.code(-1)];
    cast.clock.move(30 * seconds);
    await totp(await halfLogin(cast), cast.code(1)).expect(200);
    for (const old of [now, cast.code(-1), cast.code(), cast.code(1)]) {
      expect(errorCode(await totp(await halfLogin(cast), old))).toBe('code_used');
    }
    expect((await totp(await halfLogin(cast), before)).status).toBe(401);
    cast.clock.move(60 * seconds);
    await totp(await halfLogin(cast), cast.code()).expect(200);
  });

  it('better-auth issue #10387: the code that confirmed the app is not accepted at the first sign-in', async () => {
    const host = hostApp();
    const ann = browser(host.app);
    await ann.signIn('ann');
    const { secret } = await enrolTotp(ann, host.clock.now());
    const code = codeAt(secret, host.clock.now());
    expect(errorCode(await totp(await halfLogin(host), code).expect(401))).toBe('code_used');
    host.clock.move(29 * seconds);
    expect(errorCode(await totp(await halfLogin(host), code).expect(401))).toBe('code_used');
  });

  it('better-auth issue #10387: the code that confirmed a second app is not accepted either', async () => {
    const cast = await withAnn();
    const { body: setup } = await cast.ann.get('/2fa/security/totp').expect(200);
    const code = codeAt(setup.secret, cast.clock.now());
    await cast.ann.post('/2fa/security/totp', { code }).expect(201);
    expect(errorCode(await totp(await halfLogin(cast), code).expect(401))).toBe('code_used');
  });

  it('better-auth issue #10387: a code that signed in is not accepted for a step-up, nor the other way round', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    await totp(other, cast.code()).expect(200);
    expect(errorCode(await totp(cast.ann, cast.code()).expect(401))).toBe('code_used');
    cast.clock.move(30 * seconds);
    await totp(cast.ann, cast.code()).expect(200);
    expect(errorCode(await totp(await halfLogin(cast), cast.code()).expect(401))).toBe('code_used');
  });

  it('better-auth issue #10387: a used code costs no try, and is reported as such', async () => {
    const cast = await withAnn();
    const heard = listen(cast.twoFactor);
    await totp(await halfLogin(cast), cast.code()).expect(200);
    const other = await halfLogin(cast);
    for (let again = 0; again < 12; again += 1) await totp(other, cast.code()).expect(401);
    expect(count(heard, ({ name }) => name === 'proof.replayed')).toBe(12);
    expect((await totp(other, cast.wrong())).body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
  });

  it('CVE-2026-22751: of 50 parallel uses in one half login one signs in, to one session', async () => {
    const cast = await withAnn({ accounts: jumbledAccounts(), deadline: '60s' });
    const heard = listen(cast.twoFactor);
    const other = await halfLogin(cast);
    const answers = await atOnce(50, () => totp(other, cast.code()));
    expect(count(answers, ({ status }) => status === 200)).toBe(1);
    expect(count(heard, ({ name }) => name === 'login.completed')).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
  });

  it('better-auth PR #9993: one code in 50 half logins at once makes one session', async () => {
    const cast = await withAnn({ accounts: jumbledAccounts(), deadline: '60s' });
    const agents: BrowserAgent[] = [];
    for (let nth = 0; nth < 50; nth += 1) agents.push(await halfLogin(cast));
    const answers = await Promise.all(agents.map((agent) => totp(agent, cast.code())));
    expect(count(answers, ({ status }) => status === 200)).toBe(1);
    const inside = await Promise.all(agents.map((agent) => agent.get('/me')));
    expect(count(inside, ({ status }) => status === 200)).toBe(1);
  });

  it('better-auth PR #9993: a half login that ran out completes nothing, with the right code', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    cast.clock.move(10 * minutes + 1);
    expect(errorCode(await totp(other, cast.code()).expect(401))).toBe('half_login_ended');
    expect((await other.get('/me')).body.user).toBeNull();
    // And the code was not spent on it.
    await totp(await halfLogin(cast), cast.code()).expect(200);
  });

  it('laravel/fortify: two users with the same code in the same minute both get in', async () => {
    const host = hostApp();
    const secret = toBase32(Buffer.alloc(20, 7));
    for (const id of ['id-ann', 'id-bob']) {
      expect(await host.twoFactor.importFactor(id, { type: 'totp', secret, label: 'App' })).toMatchObject({
        ok: true,
      });
    }
    const code = codeAt(secret, host.clock.now());
    await totp(await halfLogin(host, 'ann'), code).expect(200);
    await totp(await halfLogin(host, 'bob'), code).expect(200);
    expect(errorCode(await totp(await halfLogin(host, 'bob'), code))).toBe('code_used');
  });

  it.each(Object.keys(ways).flatMap((first) => Object.keys(ways).map((then) => [first, then] as const)))(
    'Gitea c0c11c5: one rule for every way: used by %s, then refused by %s',
    async (first, then) => {
      const cast = await withRoute();
      expect(await ways[first]?.(cast, cast.code())).toBe(true);
      expect(await ways[then]?.(cast, cast.code())).toBe(false);
    },
  );

  it('TriliumNext/Trilium PR #11448: where neighbouring codes are equal, the later step counts as used', async () => {
    const clock = fakeClock(twins.step * 30 * seconds + 1 * seconds);
    const host = hostApp({ clock });
    const secret = toBase32(twins.seed);
    expect([codeAt(secret, clock.now()), codeAt(secret, clock.now() + 30 * seconds)]).toEqual([
      twins.code,
      twins.code,
    ]);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    await totp(await halfLogin(host), twins.code).expect(200);

    const answers: Response[] = [];
    const waiting = await halfLogin(host);
    for (let second = 0; second < 60; second += 10) {
      answers.push(await totp(waiting, twins.code));
      clock.move(10 * seconds);
    }
    expect(new Set(answers.map(errorCode))).toEqual(new Set(['code_used']));
    await totp(waiting, codeAt(secret, clock.now())).expect(200);
  });

  it('ASVS 6.5.1: a code of the core check counts for the pages as well, and is reported', async () => {
    const cast = await withAnn();
    const heard = listen(cast.twoFactor);
    expect(await cast.twoFactor.verify('id-ann', 'totp', { code: cast.code() })).toEqual({ ok: true });
    expect(await cast.twoFactor.verify('id-ann', 'totp', { code: cast.code() })).toMatchObject({
      code: 'code_used',
    });
    await totp(await halfLogin(cast), cast.code()).expect(401);
    expect(heard.filter(({ name }) => name === 'proof.replayed')).toHaveLength(2);
  });
});
