import { memoryAccounts, memoryPending, secondFactor, type Pending } from '../../lib';
import type { UserId } from '../../lib/account/account';
import { browser, codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { overridePending } from '../support/override';
import { count, listen, submit, withAnn, wrongCode, type Cast } from './cast';

const guess = (agent: BrowserAgent, cast: Cast) => agent.post('/2fa/totp', { code: cast.wrong() });

/** Uses up what strangers may guess, with as many half logins as that takes. */
async function emptyLane(cast: Cast): Promise<void> {
  for (let login = 0; login < 2; login += 1) {
    const other = await halfLogin(cast);
    for (let nth = 0; nth < 5; nth += 1) await guess(other, cast).expect(401);
  }
}

/** How many of these guesses were judged; each of them has a half login of its own. */
async function judged(cast: Cast, times: number, headers: (nth: number) => Record<string, string>) {
  const statuses: number[] = [];
  for (let nth = 0; nth < times; nth += 1) {
    const agent = browser(cast.app);
    await agent.signIn('ann').set(headers(nth)).expect(401);
    statuses.push((await guess(agent, cast).set(headers(nth))).status);
  }
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  return count(statuses, (status) => status === 401);
}

describe('Guesses are counted by account', () => {
  it('CVE-2024-0227: at most ten are judged, whatever the session and whoever claims to send them', async () => {
    const cast = await withAnn();
    const spoofed = (nth: number) => ({
      'X-Forwarded-For': `203.0.113.${nth}`,
      'User-Agent': `browser ${nth}`,
      'X-Real-IP': `198.51.100.${nth}`,
    });
    expect(await judged(cast, 14, spoofed)).toBe(10);
    // Once empty, the right code is refused unread as well.
    const late = await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(429);
    expect(late.body.error).toMatchObject({ code: 'locked', retryAfter: expect.any(Number) });
  });

  it('GHSA-p6v2-xcpg-h6xw, CVE-2026-45364: walking a /64, or coming by IPv4-mapped addresses, gives no more guesses', async () => {
    const cast = await withAnn();
    cast.app.set('trust proxy', true);
    const walking = (nth: number) => ({
      'X-Forwarded-For': nth % 2 === 0 ? `2001:db8::${nth + 1}` : `::ffff:203.0.113.${nth}`,
    });
    expect(await judged(cast, 12, walking)).toBe(10);
  });

  it('allauth 65.14.2: a forged X-Forwarded-For neither gives guesses nor takes them from others', async () => {
    const cast = await withAnn();
    expect(await judged(cast, 12, () => ({ 'X-Forwarded-For': '127.0.0.1' }))).toBe(10);
    cast.clock.move(30 * seconds);
    await cast.ann.post('/2fa/totp', { code: cast.code() }).set('X-Forwarded-For', '127.0.0.1').expect(200);
  });

  it('better-auth PR #10210: a half login takes five wrong proofs, of every kind together', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    const wrongBackup = 'AAAA-AAAA-AAAA-AAAA';
    for (const [path, code] of [
      ['totp', cast.wrong()],
      ['backup-code', wrongBackup],
      ['totp', cast.wrong()],
      ['backup-code', wrongBackup],
    ]) {
      expect(errorCode(await other.post(`/2fa/${path}`, { code }).expect(401))).toBe('wrong_code');
    }
    expect((await other.post('/2fa/backup-code', { code: wrongBackup })).body.error.triesLeft).toBe(0);
    for (const [path, code] of [
      ['totp', cast.code()],
      ['backup-code', cast.backupCodes[0]],
    ]) {
      expect(errorCode(await other.post(`/2fa/${path}`, { code }).expect(401))).toBe('half_login_ended');
    }
  });

  it('better-auth PR #10240: new half logins give no new guesses, and a backup code gives none back', async () => {
    const cast = await withAnn();
    await emptyLane(cast);
    const other = await halfLogin(cast);
    await other.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    expect((await guess(await halfLogin(cast), cast)).status).toBe(429);
  });

  it('CVE-2025-64102, GHSA-xrw9-r35x-x878: page, JSON, strategy, step-up and core share one budget, without any option', async () => {
    const cast = await withAnn({}, (app, twoFactor) => {
      app.post('/own/totp', twoFactor.authenticate('totp'), (_req, res) => res.json({ ok: true }));
    });
    const code = cast.wrong();
    const surfaces = [
      async () => (await halfLogin(cast)).post('/2fa/totp', { code }),
      async () => submit(await halfLogin(cast), '/2fa', '/2fa/totp', { code }),
      async () => (await halfLogin(cast)).post('/own/totp', { code }),
      async () => cast.twoFactor.verify('id-ann', 'totp', { code }),
    ];
    for (let nth = 0; nth < 10; nth += 1) await surfaces[nth % surfaces.length]?.();
    const [json, page, own, core] = await Promise.all(surfaces.map((surface) => surface()));
    expect(json).toMatchObject({ status: 429 });
    expect(page).toMatchObject({ status: 429 });
    expect(own).toMatchObject({ status: 429 });
    expect(core).toMatchObject({ ok: false, code: 'locked' });
  });

  it.each(['JSON', 'page'])(
    'allauth 65.2.0: the limits of a half login and of a lane hold for %s',
    async (form) => {
      const cast = await withAnn();
      const send = (agent: BrowserAgent) =>
        form === 'JSON' ? guess(agent, cast) : submit(agent, '/2fa', '/2fa/totp', { code: cast.wrong() });
      const seen: number[] = [];
      for (let login = 0; login < 3; login += 1) {
        const other = await halfLogin(cast);
        for (let nth = 0; nth < 6; nth += 1) seen.push((await send(other)).status);
      }
      const isJudged = form === 'JSON' ? 401 : 422;
      expect(seen.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => isJudged));
      expect(seen.slice(5, 6)).toEqual([401]);
      expect(new Set(seen.slice(12))).toEqual(new Set([429]));
    },
  );

  it('allauth 65.8.1: sign-ins of the owner give an attacker no new guesses', async () => {
    const cast = await withAnn();
    let wrong = 0;
    for (let round = 0; round < 8; round += 1) {
      const attacker = await halfLogin(cast);
      for (let nth = 0; nth < 2; nth += 1) {
        const answer = await guess(attacker, cast);
        if (answer.status === 401) wrong += 1;
      }
      cast.clock.move(30 * seconds);
      // The owner's own success, on the browser she has and with her own backup code elsewhere.
      await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
      const elsewhere = await halfLogin(cast);
      await elsewhere.post('/2fa/backup-code', { code: cast.backupCodes[round] }).expect(200);
    }
    expect(wrong).toBe(10);
  });

  it('letuhao/lore-weave #261: sign-ins to an account of one’s own give no new guesses at another', async () => {
    const cast = await withAnn();
    await cast.twoFactor.importFactor('id-bob', { type: 'totp', secret: cast.secret, label: 'App' });
    let wrong = 0;
    const attacker = browser(cast.app);
    for (let round = 0; round < 6; round += 1) {
      await attacker.signIn('ann').expect(401);
      for (let nth = 0; nth < 3; nth += 1) if ((await guess(attacker, cast)).status === 401) wrong += 1;
      cast.clock.move(30 * seconds);
      await attacker.signIn('bob').expect(401);
      await attacker.post('/2fa/totp', { code: cast.code() }).expect(200);
      await attacker.signOut().expect(200);
    }
    expect(wrong).toBe(10);
  });

  it.each(['godotengine/godot-website #585', 'usnistgov/800-63-3 #1395'])(
    '%s: one address for fifty users, all of them right, and one who guesses',
    async () => {
      const host = hostApp();
      const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
      for (let nth = 0; nth < 50; nth += 1) {
        host.users.set(`user${nth}`, { id: `id-${nth}`, name: `user${nth}` });
        await host.twoFactor.importFactor(`id-${nth}`, { type: 'totp', secret, label: 'App' });
      }
      const cast = { ...host, secret };
      const code = codeAt(secret, host.clock.now());
      for (let nth = 0; nth < 25; nth += 1) {
        await (await halfLogin(cast, `user${nth}`)).post('/2fa/totp', { code }).expect(200);
      }
      const bad = wrongCode(secret, host.clock.now());
      for (let nth = 0; nth < 10; nth += 1) {
        await (await halfLogin(cast, 'user0')).post('/2fa/totp', { code: bad }).expect(401);
      }
      await (await halfLogin(cast, 'user0')).post('/2fa/totp', { code: bad }).expect(429);
      for (let nth = 25; nth < 50; nth += 1) {
        await (await halfLogin(cast, `user${nth}`)).post('/2fa/totp', { code }).expect(200);
      }
    },
  );

  it.each([
    ['CVE-2025-24806', 'ANN'],
    ['CVE-2026-47203', ' ann '],
    ['CVE-2026-48794', 'Ann'],
    ['allauth 0.50', 'aNN'],
  ])('%s: tries are counted by user id, not by the name typed (%s)', async (_id, spelling) => {
    const cast = await withAnn();
    const ann = cast.users.get('ann');
    if (ann) cast.users.set(spelling, ann);
    for (const name of ['ann', spelling]) {
      const other = await halfLogin(cast, name);
      for (let nth = 0; nth < 5; nth += 1) await guess(other, cast).expect(401);
    }
    expect((await guess(await halfLogin(cast, spelling), cast)).status).toBe(429);
    expect((await guess(await halfLogin(cast, 'ann'), cast)).status).toBe(429);
  });

  it('CVE-2026-27801, GHSA-v6pg-v89r-w8wr: the count outlives the process and whatever it kept in memory', async () => {
    const accounts = memoryAccounts();
    const cast = await withAnn({ accounts });
    const other = await halfLogin(cast);
    for (let nth = 0; nth < 5; nth += 1) await guess(other, cast).expect(401);

    const restarted = { ...cast, ...hostApp({ accounts, clock: cast.clock }) };
    const again = await halfLogin(restarted);
    for (let nth = 0; nth < 5; nth += 1) await guess(again, restarted).expect(401);
    expect((await guess(await halfLogin(restarted), restarted)).status).toBe(429);
  });

  it('CVE-2026-35597, GHSA-fgfv-pv97-6cmj: a try stays counted when the request that made it fails afterwards', async () => {
    const pending = memoryPending();
    let fails = false;
    const failing = overridePending(pending, {
      tries: {
        takeBack: (...given) =>
          fails ? Promise.reject(new Error('down')) : pending.tries.takeBack(...given),
      },
    });
    const cast = await withAnn({
      pending: failing,
      onSignedIn: () => {
        if (fails) throw new Error('the request rolls back');
      },
    });
    const other = await halfLogin(cast);
    fails = true;
    for (let nth = 0; nth < 4; nth += 1) await guess(other, cast).expect(401);
    // A right code whose sign-in fails is spent as well, and gives nothing back.
    expect((await other.post('/2fa/totp', { code: cast.code() })).status).toBe(500);
    fails = false;
    expect(errorCode(await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }))).toBe(
      'code_used',
    );
    const lanes = (await cast.options.accounts.load('id-ann' as UserId))?.lanes;
    expect(lanes?.others.wrong).toBe(0);
    expect(lanes?.others.left).toBe(10);
  });

  it('CVE-2026-56450: one who never stops guessing gets ten and then one a day', async () => {
    const cast = await withAnn();
    await emptyLane(cast);
    const perDay: number[] = [];
    for (let day = 0; day < 4; day += 1) {
      let evaluated = 0;
      for (let nth = 0; nth < 6; nth += 1) {
        cast.clock.move(4 * hours);
        if ((await guess(await halfLogin(cast), cast)).status === 401) evaluated += 1;
      }
      perDay.push(evaluated);
    }
    expect(perDay).toEqual([1, 1, 1, 1]);
  });

  it('Keycloak issue #26177: tries used up end the half login, and nothing goes on without the password', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    for (let nth = 0; nth < 5; nth += 1) await guess(other, cast);
    cast.clock.move(30 * seconds);
    for (const wait of [0, 5 * minutes, 6 * minutes, 40 * minutes]) {
      cast.clock.move(wait);
      expect(errorCode(await other.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
        'half_login_ended',
      );
    }
    cast.clock.move(1 * hours);
    expect(errorCode(await other.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
      'sign_in_required',
    );
  });

  it.each([
    ['a narrow window and many apps', { totp: { window: 0, apps: 10 } }],
    ['logins that call back', { owed: 'callback' }],
    ['token strategies', { tokenStrategies: ['jwt', 'local'] }],
    ['a policy and long lives', { keepFactors: 1, halfLogin: '1h', loginLife: '400d', fresh: '1h' }],
    ['proofs from elsewhere', { accept: () => false }],
  ] satisfies [string, Parameters<typeof withAnn>[0]][])(
    'keycloak-2fa-email-authenticator issue #146: the cap holds with %s',
    async (_name, options) => {
      const cast = await withAnn(options);
      let evaluated = 0;
      for (let nth = 0; nth < 15; nth += 1) {
        const agent = browser(cast.app);
        expect((await agent.signIn('ann')).status).toBe(401);
        if ((await guess(agent, cast)).status === 401) evaluated += 1;
      }
      expect(evaluated).toBe(10);
    },
  );

  it('CVE-2021-41177: without a store for the counters it does not start, and with a broken one it refuses', async () => {
    const { options } = hostApp();
    for (const pending of [undefined, {}, { ...memoryPending(), tries: {} }]) {
      expect(() => secondFactor({ ...options, pending: pending as Pending })).toThrow(/pending/);
    }
    const working = memoryPending();
    let fails = false;
    const broken = overridePending(working, {
      tries: {
        count: (...given) =>
          fails ? Promise.reject(new Error('no memory cache')) : working.tries.count(...given),
      },
    });
    const cast = await withAnn({ pending: broken });
    const other = await halfLogin(cast);
    fails = true;
    const refused = await other.post('/2fa/totp', { code: cast.code() }).expect(503);
    expect(errorCode(refused)).toBe('unavailable');
    expect((await other.get('/me')).status).toBe(401);
    fails = false;
    // It was not judged either.
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('django-otp/django-otp #87: "locked until" stays where it is, whoever looks or tries, and is kept', async () => {
    const cast = await withAnn();
    const emptied = cast.clock.now();
    await emptyLane(cast);
    const other = await halfLogin(cast);
    const shown: string[] = [];
    const waits: number[] = [];
    for (let look = 0; look < 5; look += 1) {
      cast.clock.move(12 * seconds + 345);
      const json = await guess(other, cast).expect(429);
      waits.push(json.body.error.retryAfter);
      expect(json.headers['retry-after']).toBe(String(json.body.error.retryAfter));
      const page = await submit(other, '/2fa', '/2fa/totp', { code: cast.wrong() });
      expect(page.status).toBe(429);
      shown.push(/<time datetime="([^"]+)" data-time="moment">/.exec(page.text)?.[1] ?? '');
    }
    expect(waits.map((wait, at) => (waits[at - 1] ?? wait) - wait)).toEqual([0, 12, 13, 12, 12]);
    expect(new Set(shown).size).toBe(1);

    const opens = emptied + 24 * hours;
    // Pages say it by the minute: not before it is true, and less than a minute after.
    const promised = Date.parse(shown[0] ?? '');
    expect(promised).toBeGreaterThanOrEqual(opens);
    expect(promised).toBeLessThan(opens + 1 * minutes);
    cast.clock.set(opens - 1);
    expect((await guess(await halfLogin(cast), cast)).status).toBe(429);
    cast.clock.set(opens);
    expect((await guess(await halfLogin(cast), cast)).status).toBe(401);
  });

  it('Automattic/wp-calypso #14104: changing between the ways thirty times costs no try and no time', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    const { body: before } = await other.get('/2fa').expect(200);
    for (let nth = 0; nth < 30; nth += 1) {
      for (const path of ['/2fa', '/2fa/choose', '/2fa/totp', '/2fa/backup-code']) {
        await other.page(path).expect(200);
      }
    }
    expect((await other.get('/2fa').expect(200)).body).toEqual(before);
    expect((await guess(other, cast)).body.error.triesLeft).toBe(4);
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('ASVS 6.1.1: one who has the password can make no browser of the owner refuse, nor her backup codes', async () => {
    const cast = await withAnn();
    await cast.ann.signOut();
    await emptyLane(cast);
    await cast.ann.signIn('ann').expect(401);
    expect((await guess(cast.ann, cast)).body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    const abroad = await halfLogin(cast);
    await abroad.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
  });

  it('ASVS 6.1.1: one without the password cannot use up anything', async () => {
    const cast = await withAnn();
    const stranger = browser(cast.app);
    for (let nth = 0; nth < 20; nth += 1) {
      await stranger.signIn('ann', 'wrong').expect(401);
      expect(errorCode(await guess(stranger, cast).expect(401))).toBe('sign_in_required');
    }
    expect((await guess(await halfLogin(cast), cast)).body.error.triesLeft).toBe(4);
  });

  it('NIST 3.2.2: a hundred wrong in a row close a lane until another way was used; the owner goes on', async () => {
    const cast = await withAnn();
    await emptyLane(cast);
    for (let day = 0; day < 90; day += 1) {
      cast.clock.move(1 * days);
      await guess(await halfLogin(cast), cast).expect(401);
    }
    cast.clock.move(20 * days);
    const closed = await halfLogin(cast);
    const refused = await closed.post('/2fa/totp', { code: cast.code() }).expect(403);
    expect(refused.body.error.code).toBe('codes_closed');
    expect(refused.body.error).not.toHaveProperty('retryAfter');

    // The other lane is untouched, and any way that cannot be guessed opens this one again.
    await cast.ann.signIn('ann').expect(401);
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    await closed.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    cast.clock.move(30 * seconds);
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('NIST 3.1.2.2: wrong backup codes count for their half login, and changing the way gives no fresh ones', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    for (let nth = 0; nth < 3; nth += 1) {
      await other.post('/2fa/backup-code', { code: 'AAAA-AAAA-AAAA-AAAA' }).expect(401);
    }
    expect((await guess(other, cast)).body.error.triesLeft).toBe(1);
  });

  it('ASVS 16.3.1: every wrong proof is reported with its kind and what is left', async () => {
    const cast = await withAnn();
    const heard = listen(cast.twoFactor);
    await emptyLane(cast);
    await guess(await halfLogin(cast), cast);
    const refused = heard.filter(({ name }) => name === 'proof.refused');
    expect(refused.map(({ triesLeft }) => triesLeft)).toEqual([4, 3, 2, 1, 0, 4, 3, 2, 1, 0, undefined]);
    expect(refused.at(-1)).toMatchObject({ userId: 'id-ann', type: 'totp', code: 'locked' });
    expect(heard.filter(({ name }) => name === 'tries.used-up')).toEqual([
      expect.objectContaining({ lane: 'others', userId: 'id-ann' }),
    ]);
  });

  it('ASVS 6.3.1: a step-up takes five wrong proofs and then waits ten minutes, and the login stays', async () => {
    const cast = await withAnn();
    for (const left of [4, 3, 2, 1, 0]) {
      expect((await guess(cast.ann, cast).expect(401)).body.error.triesLeft).toBe(left);
      cast.clock.move(1 * minutes);
    }
    const waiting = await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(429);
    expect(waiting.body.error).toMatchObject({ code: 'locked', retryAfter: 300 });
    await cast.ann.get('/me').expect(200);
    cast.clock.move(5 * minutes);
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
  });
});
