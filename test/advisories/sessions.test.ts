import type { Request } from 'express';
import type { Response } from 'supertest';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  type BrowserAgent,
  halfLogin,
} from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { hostApp, origin } from '../support/host-app';
import { addApp, cookiesOf, factorIds, rawServer, submit, withAnn, type Cast } from './cast';

const idOf = (response: Response): string => /connect\.sid=[^;]+/.exec(cookiesOf(response))?.[0] ?? '';

async function userOf(agent: BrowserAgent): Promise<unknown> {
  const { body }: { body: { user: { id: string } | null } } = await agent.agent
    .get('/me')
    .set('Accept', '*/*');
  return body.user?.id ?? null;
}

/** Forms of an address that might lead elsewhere, or break the answer. */
const goals: readonly string[] = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\n/evil.example',
  '/%09/evil.example',
  '/..//evil.example',
  '/.//evil.example',
  '/./\\evil.example',
  '/x/..//evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https://evil.example',
  'http://localhost:3000@evil.example',
  'http://localhost:3000.evil.example',
  '//localhost:3000@evil.example',
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'mailto:a@b.c',
  '//[::1]',
  '/ok\r\nSet-Cookie: a=b',
  '/ok\nLocation: https://evil.example',
  `/${'a'.repeat(8192)}`,
  '',
  ' ',
  '?x',
  '#x',
  'relative',
  '.',
  '..',
];

/** Where such an address leads in a browser that is at our page. */
const landsOn = (location: string | undefined): string =>
  new URL(location ?? '', `${origin}/2fa/totp`).origin;

describe('Session ids', () => {
  it('CVE-2022-25896, GHSA-v923-w3x8-wh69, ASVS 7.2.4: a new id at the password, at the second factor, at step-up and at every change', async () => {
    const host = hostApp();
    const ann = browser(host.app);
    const ids = [idOf(await ann.signIn('ann').expect(200))];
    const { body: setup } = await ann.get('/2fa/security/totp').expect(200);
    const code = codeAt(setup.secret, host.clock.now());
    const { body } = await ann.post('/2fa/security/totp', { code }).expect(201);
    const [first] = body.backupCodes as string[];
    ids.push(idOf(await ann.post('/2fa/security/backup-codes/acknowledge', { code: first }).expect(200)));
    ids.push(idOf(await ann.signOut().expect(200)));
    host.clock.move(30 * seconds);
    ids.push(idOf(await ann.signIn('ann').expect(401)));
    const now = () => codeAt(setup.secret, host.clock.now());
    ids.push(idOf(await ann.post('/2fa/totp', { code: now() }).expect(200)));
    host.clock.move(30 * seconds);
    ids.push(idOf(await ann.post('/2fa/totp', { code: now() }).expect(200)));
    await addApp(ann, host.clock.now(), 'Tablet');
    const [one = '', two = ''] = await factorIds(ann);
    ids.push(idOf(await ann.post(`/2fa/security/factors/${two}/remove`).expect(200)));
    ids.push(idOf(await ann.post('/2fa/security/sign-out-everywhere').expect(200)));
    const { body: codes } = await ann.post('/2fa/security/backup-codes').expect(201);
    const acknowledge = { code: codes.backupCodes[0] };
    ids.push(idOf(await ann.post('/2fa/security/backup-codes/acknowledge', acknowledge).expect(200)));
    ids.push(idOf(await ann.post(`/2fa/security/factors/${one}/remove`).expect(200)));

    const given = ids.filter((id) => id !== '');
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBeGreaterThanOrEqual(9);
    const { send } = await rawServer(host.app);
    for (const cookie of given.slice(0, -1)) {
      expect(JSON.parse((await send('/me', { headers: { cookie } })).text)).toMatchObject({ user: null });
    }
    expect(JSON.parse((await send('/me', { headers: { cookie: given.at(-1) ?? '' } })).text)).toMatchObject({
      user: { id: 'id-ann' },
    });
  });

  it('CVE-2022-25896: an id chosen by someone else is not kept at sign-in', async () => {
    const cast = await withAnn({ session: { secret: 'test', saveUninitialized: true } });
    const attacker = browser(cast.app);
    const planted = idOf(await attacker.get('/me').expect(200));
    const victim = browser(cast.app);
    const login = await victim.signIn('ann').set('Cookie', planted).expect(401);
    expect(idOf(login)).not.toBe(planted);
    await victim.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect(await userOf(attacker)).toBeNull();
    expect((await attacker.get('/2fa')).status).toBe(401);
  });

  it('jaredhanson/passport-totp #2: what was proven ends at logout, even where the session data is kept', async () => {
    const cast = await withAnn({}, (app) => {
      app.post('/leave', (req, res, next) =>
        req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({ out: true }))),
      );
      app.post('/enter', (req: Request, res, next) => {
        const user = cast.users.get(req.query.name as string);
        if (!user) return next();
        req.logIn(user, { keepSessionInfo: true, session: true }, (error) =>
          error ? next(error) : res.json({ in: true }),
        );
      });
    });
    await cast.twoFactor.importFactor('id-bob', { type: 'totp', secret: cast.secret, label: 'App' });
    await cast.ann.post('/leave').expect(200);
    await cast.ann.post('/enter?name=bob').expect(401);
    expect(await userOf(cast.ann)).toBeNull();
    await cast.ann.post('/leave').expect(200);
    await cast.ann.post('/enter?name=cyd').expect(200);
    const { body } = await cast.ann.get('/me').expect(200);
    expect(body.twoFactor).toMatchObject({ status: 'exempt', proofs: [], amr: [] });
    // The same user coming back owes again.
    await cast.ann.post('/leave').expect(200);
    await cast.ann.post('/enter?name=ann').expect(401);
    expect(await userOf(cast.ann)).toBeNull();
  });

  it('better-auth 1.4 (trusted device): a known browser skips nothing, before and after every change', async () => {
    const cast = await withAnn();
    for (const change of [
      async () => undefined,
      async () => cast.twoFactor.signOutEverywhere('id-ann'),
      async () =>
        cast.twoFactor.importFactor('id-ann', { type: 'totp', secret: 'A'.repeat(32), label: 'Two' }),
    ]) {
      await change();
      await cast.ann.signOut();
      await cast.ann.signIn('ann').expect(401);
      expect(await userOf(cast.ann)).toBeNull();
      await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
      cast.clock.move(30 * seconds);
    }
  });
});

type Change = (cast: Cast) => Promise<unknown>;
const changesOf: Readonly<Record<string, Change>> = {
  'a factor removed': async ({ ann }) => {
    const [id = ''] = await factorIds(ann);
    await ann.post(`/2fa/security/factors/${id}/remove`).expect(200);
  },
  'backup codes made anew': async ({ ann }) => {
    const { body } = await ann.post('/2fa/security/backup-codes').expect(201);
    await ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
  },
  'signed out everywhere (a new password)': ({ twoFactor }) => twoFactor.signOutEverywhere('id-ann'),
  'signed out everywhere from the page': async ({ ann }) =>
    ann.post('/2fa/security/sign-out-everywhere').expect(200),
  forgotten: ({ twoFactor }) => twoFactor.forget('id-ann'),
};

describe('What a change ends', () => {
  it.each(Object.keys(changesOf))(
    'rodauth 2.41.0, rodauth 2.44.0, ASVS 7.4.3: other logins, half logins and set-ups are over at once: %s',
    async (change) => {
      const cast = await withAnn();
      await addApp(cast.ann, cast.clock.now(), 'Tablet');
      const whole = await halfLogin(cast);
      await whole.post('/2fa/totp', { code: cast.code() }).expect(200);
      const { body: setup } = await whole.get('/2fa/security/totp').expect(200);
      const half = await halfLogin(cast);
      cast.clock.move(30 * seconds);

      await changesOf[change]?.(cast);
      expect(await userOf(whole)).toBeNull();
      expect(errorCode(await whole.get('/2fa/security').expect(401))).toBe('sign_in_required');
      const confirm = { code: codeAt(setup.secret, cast.clock.now()) };
      expect(errorCode(await whole.post('/2fa/security/totp', confirm).expect(401))).toBe('sign_in_required');
      expect(errorCode(await half.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
        'sign_in_required',
      );
      expect(await userOf(half)).toBeNull();
    },
  );

  it('rodauth 2.44.0: switching on ends the logins that were made without it, but for its own', async () => {
    const host = hostApp();
    const [ann, elsewhere] = [browser(host.app), browser(host.app)];
    await ann.signIn('ann').expect(200);
    await elsewhere.signIn('ann').expect(200);
    await enrolTotp(ann, host.clock.now());
    expect(await userOf(elsewhere)).toBeNull();
    expect(await userOf(ann)).toBe('id-ann');
  });

  it('ASVS 7.3.2: a login ends after thirty days, however busy, and the server says so, not the cookie', async () => {
    const cast = await withAnn();
    for (let day = 0; day < 29; day += 1) {
      cast.clock.move(1 * days);
      expect(await userOf(cast.ann)).toBe('id-ann');
    }
    cast.clock.move(1 * days);
    expect(await userOf(cast.ann)).toBeNull();
  });

  it('ASVS 7.3.1: where the session cookie has a life, so has the login that nobody uses', async () => {
    const cast = await withAnn({ session: { secret: 'test', cookie: { maxAge: 1 * hours } } });
    cast.clock.move(50 * minutes);
    expect(await userOf(cast.ann)).toBe('id-ann');
    cast.clock.move(50 * minutes);
    expect(await userOf(cast.ann)).toBe('id-ann');
    // The session store ends the session at its hour; the record, which is extended once a minute, lasts two minutes longer.
    cast.clock.move(1 * hours + 2 * minutes + 1);
    expect(await userOf(cast.ann)).toBeNull();
  });

  it('CVE-2025-65431: what belongs to a user is keyed by the id that never changes', async () => {
    const cast = await withAnn();
    const bob = cast.users.get('bob');
    // Bob takes over the name that ann had; nothing of hers comes with it.
    cast.users.set('ann', { id: 'id-bob', name: 'ann@example.com' });
    await browser(cast.app).signIn('ann').expect(200);
    expect(await cast.twoFactor.isOwedBy({ id: 'id-ann', name: 'other' })).toBe(true);
    expect(await cast.twoFactor.isOwedBy(bob ?? { id: '', name: '' })).toBe(false);
  });
});

describe('Where a sign-in leads', () => {
  it.each(['carlos-emr/carlos #882', 'auth0/nextjs-auth0 PR #555', 'marimo-team/marimohub PR #50'])(
    '%s, check 51: to this site and nowhere else, by every way the address can come',
    async (source) => {
      const cast = await withAnn({}, (app) => {
        app.post('/remember', (req, res) => {
          (req.session as unknown as { returnTo: unknown }).returnTo = req.body.to;
          res.json({});
        });
      });
      for (const [nth, to] of goals.entries()) {
        cast.clock.move(30 * seconds);
        const isBackup = nth < 10 && !source.endsWith('#882');
        const proof = isBackup
          ? { path: '/2fa/backup-code', code: cast.backupCodes[nth] ?? '' }
          : { path: '/2fa/totp', code: cast.code() };
        const other = browser(cast.app);
        if (source.endsWith('#555')) await other.post('/remember', { to }).expect(200);
        const login = await other.signIn('ann').expect(401);
        expect(landsOn(login.body.error.url)).toBe(origin);
        const goal = new URL(login.body.error.url, origin).searchParams.get('to');
        const passed = source.endsWith('#555')
          ? await submit(other, login.body.error.url, proof.path, {
              code: proof.code,
              ...(goal && { to: goal }),
            })
          : await submit(other, `/2fa?to=${encodeURIComponent(to)}`, proof.path, { code: proof.code, to });
        expect(passed.status).toBe(303);
        const { location } = passed.headers;
        expect([to, landsOn(location)]).toEqual([to, origin]);
        expect(location).toMatch(/^\/(?![/\\])[\u0021-\u007e]*$/);
        expect(passed.headers['set-cookie'] ?? []).not.toContain('a=b');
      }
    },
  );

  it('carlos-emr/carlos #882: a gated address is carried along as it was asked for, or left out', async () => {
    const cast = await withAnn();
    const cookie = cookiesOf(await browser(cast.app).signIn('ann').expect(401));
    const { send } = await rawServer(cast.app);
    for (const path of [
      '//evil.example/x',
      '/\\evil.example',
      '/.//evil.example',
      '/x/..//evil.example',
      '/%0d%0aa:b',
      `/${'a'.repeat(4000)}`,
      '/ok?to=//evil.example',
    ]) {
      const { status, headers } = await send(path, { headers: { cookie, accept: 'text/html' } });
      expect(status).toBe(303);
      expect(landsOn(headers.location)).toBe(origin);
      const to = new URL(headers.location ?? '', origin).searchParams.get('to');
      expect(landsOn(to ?? '/')).toBe(origin);
    }
    const fine = await send('/billing?month=3&x=%C3%A9', { headers: { cookie, accept: 'text/html' } });
    expect(new URL(fine.headers.location ?? '', origin).searchParams.get('to')).toBe(
      '/billing?month=3&x=%C3%A9',
    );
  });
});

describe('Cookies', () => {
  it.each(['go-gitea/gitea #27033', 'catalyst/moodle-auth_saml2 #891'])(
    '%s: whoever comes without the strict cookie gets a page that says what to do, not a loop',
    async () => {
      const cast = await withAnn({ session: { secret: 'test', cookie: { sameSite: 'strict' } } });
      const other = browser(cast.app);
      const login = await other.signIn('ann').expect(401);
      const { send } = await rawServer(cast.app);
      const fromElsewhere = {
        accept: 'text/html',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-dest': 'document',
      };
      for (const path of ['/2fa?to=%2Fbilling', '/2fa/choose?to=%2Fbilling', '/billing']) {
        const page = await send(path, { headers: fromElsewhere });
        expect([path, page.status, page.headers.location]).toEqual([path, 401, undefined]);
        expect(page.text).toContain('href="/login?to=%2Fbilling"');
        expect(page.headers['set-cookie']).toBeUndefined();
      }
      // From a page of ours the cookie comes along, and the half login is still good.
      const cookie = idOf(login);
      const again = await send('/2fa?to=%2Fbilling', { headers: { ...fromElsewhere, cookie } });
      expect(again.status).toBe(200);
      await other.post('/2fa/totp', { code: cast.code() }).expect(200);
    },
  );

  it('teamhanko/hanko PR #2360: sixty users of one browser are all known there, and its cookie stays one', async () => {
    const host = hostApp();
    const shared = browser(host.app);
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const names = Array.from({ length: 60 }, (_, nth) => `user${nth}`);
    const cookies: string[] = [];
    for (const name of names) {
      host.users.set(name, { id: `id-${name}`, name });
      await host.twoFactor.importFactor(`id-${name}`, { type: 'totp', secret, label: 'App' });
      await shared.signIn(name).expect(401);
      const passed = await shared.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
      cookies.push(/2fa-browser-\w+=[\w.-]+/.exec(cookiesOf(passed))?.[0] ?? '');
      await shared.signOut();
    }
    expect(new Set(cookies.map((cookie) => cookie.split('=')[0])).size).toBe(1);
    expect(cookies.at(-1)?.length).toBeLessThan(1500);
    // Each of them still has tries of their own in it when strangers have none left.
    host.clock.move(30 * seconds);
    for (const name of [names[0] ?? '', names[30] ?? '', names[59] ?? '']) {
      for (let login = 0; login < 2; login += 1) {
        const stranger = await halfLogin(host, name);
        for (let nth = 0; nth < 5; nth += 1) await stranger.post('/2fa/totp', { code: '000000' });
      }
      expect((await (await halfLogin(host, name)).post('/2fa/totp', { code: '000000' })).status).toBe(429);
      await shared.signIn(name).expect(401);
      await shared.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
      await shared.signOut();
    }
  });

  it.each(['jazzband/django-two-factor-auth PR #263', 'openchamber/openchamber #2377'])(
    '%s: two apps on ports of one host leave each other’s cookie alone',
    async () => {
      const one = await withAnn();
      const other = hostApp({ origin: 'http://localhost:3001', keys: ['33'.repeat(32)], clock: one.clock });
      await other.twoFactor.importFactor('id-ann', { type: 'totp', secret: one.secret, label: 'App' });
      const first = await one.ann.post('/2fa/totp', { code: one.code() }).expect(200);
      const agent = browser(other.app, 'http://localhost:3001');
      await agent.signIn('ann').expect(401);
      const second = await agent.post('/2fa/totp', { code: one.code() }).expect(200);
      const named = (response: Response) => /2fa-browser-\w+/.exec(cookiesOf(response))?.[0];
      expect(named(first)).toMatch(/^2fa-browser-[0-9a-f]{6}$/);
      expect(named(second)).not.toBe(named(first));
    },
  );

  it('requarks/wiki #228: cookies that are not ours, or are broken, are ignored and never erased', async () => {
    const cast = await withAnn();
    const name = /2fa-browser-\w+/.exec(
      cookiesOf(await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200)),
    )?.[0];
    for (const value of ['', 'x', 'a'.repeat(22), 'a'.repeat(4000), '%00', '"quoted"', '__proto__']) {
      const other = browser(cast.app);
      const login = await other.signIn('ann').expect(401);
      const odd = `${idOf(login)}; ${name}=${value}; other=1; 2fa-browser-ffffff=abcdefghijklmnopqrstuv`;
      const answer = await other.get('/2fa').set('Cookie', odd).expect(200);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('ASVS 3.3.1: the cookie we set is opaque, HttpOnly, Lax, for all of the host, and __Host- on https', async () => {
    const cast = await withAnn();
    const passed = await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    const line = ([] as string[])
      .concat(passed.headers['set-cookie'] ?? [])
      .find((one) => one.startsWith('2fa'));
    expect(line).toMatch(
      /^2fa-browser-[0-9a-f]{6}=[\w-]{22}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const secure = hostApp({ origin: 'https://admin.example.com' });
    const { secret } = cast;
    await secure.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    const agent = browser(secure.app, 'https://admin.example.com');
    await agent.signIn('ann').expect(401);
    const there = await agent.post('/2fa/totp', { code: codeAt(secret, secure.clock.now()) }).expect(200);
    expect(String(there.headers['set-cookie'])).toMatch(
      /__Host-2fa-browser-[0-9a-f]{6}=.*; Path=\/;.*; Secure/,
    );
  });
});

describe('How much a login has proven', () => {
  it('RFC 8176: amr names what was proven, and no backup code or e-mail by a name that does not exist', async () => {
    const cast = await withAnn();
    const amr = async (agent: BrowserAgent): Promise<unknown> => (await agent.get('/me')).body.twoFactor.amr;
    const byApp = await halfLogin(cast);
    await byApp.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect(await amr(byApp)).toEqual(['otp', 'mfa']);
    const byBackup = await halfLogin(cast);
    await byBackup.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    expect(await amr(byBackup)).toEqual(['mfa']);
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    expect(await amr(bob)).toEqual([]);
  });

  it('RFC 9470: a token whose proof is too old gets the challenge of a bearer', async () => {
    const cast = await withAnn();
    cast.clock.move(5 * minutes);
    const answer = await cast.ann.get('/billing').set('Authorization', 'Bearer x').expect(401);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer error="insufficient_user_authentication", .*max_age="?300"?/,
    );
    expect(errorCode(answer)).toBe('step_up_required');
  });

  it('ASVS 7.5.3: a stale proof leads to "confirm it’s you" and back, once, without a loop', async () => {
    const cast = await withAnn();
    cast.clock.move(5 * minutes + 1);
    const turned = await cast.ann.page('/billing').expect(303);
    expect(turned.headers.location).toBe('/2fa/confirm?to=%2Fbilling');
    const passed = await submit(cast.ann, '/2fa/confirm?to=%2Fbilling', '/2fa/totp', {
      code: cast.code(),
      to: '/billing',
    });
    expect([passed.status, passed.headers.location]).toEqual([303, '/billing']);
    await cast.ann.page('/billing').expect(200);
    expect(errorCode(await browser(cast.app).get('/billing').expect(401))).toBe('sign_in_required');
  });

  it('ASVS 7.5.3: a proof of another kind than the one that is asked for does not count', async () => {
    const cast = await withAnn({}, (app, twoFactor) => {
      app.get('/app-only', twoFactor.requireProof({ types: ['totp'] }), (_req, res) =>
        res.json({ ok: true }),
      );
    });
    const other = await halfLogin(cast);
    await other.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    expect(errorCode(await other.get('/app-only').expect(403))).toBe('step_up_required');
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
    await other.get('/app-only').expect(200);
    expect(() => cast.twoFactor.requireProof({ types: [] })).toThrow(/types/);
    expect(() => cast.twoFactor.requireProof({ within: Number.NaN })).toThrow(/within/);
  });

  it('NIST 5.1: what a client claims of its own proofs counts for nothing', async () => {
    const cast = await withAnn();
    cast.clock.move(5 * minutes + 1);
    const claims = {
      amr: ['otp', 'mfa'],
      status: 'passed',
      secondFactorProof: { type: 'totp', factorId: 'x' },
    };
    const answer = await cast.ann.get('/billing?amr=mfa&status=passed').set('X-Amr', 'mfa').expect(403);
    expect(errorCode(answer)).toBe('step_up_required');
    const half = await halfLogin(cast);
    expect((await half.post('/2fa/totp', { ...claims })).status).toBe(400);
    expect(await userOf(half)).toBeNull();
  });
});
