import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Request } from 'express';
import session from 'express-session';
import { Passport, type PassportStatic } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { Strategy } from 'passport-strategy';
import { memoryAccounts, memoryPending, type Accounts, type Pending } from '../../lib';
import type { Account, UserId } from '../../lib/account/account';
import { owesFactor } from '../../lib/account/factors';
import { browser, codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import { hostApp, testKey, type HostApp } from '../support/host-app';
import { intercepted } from '../support/override';
import { addApp, cookiesOf, factorIds, formToken, rawServer, submit, withAnn } from './cast';

/** What the app itself sees of a request, however it asks. */
async function seen(agent: BrowserAgent): Promise<{ user: { id: string } | null }> {
  const response: { body: { user: { id: string } | null } } = await agent.agent
    .get('/me')
    .set('Accept', '*/*');
  return response.body;
}
const nobody = { user: null };

/** Nobody may fail it but a store: what is refused is refused, and the rest passes. */
function failingAt<Store extends object>(store: Store, fails: (call: number) => boolean): Store {
  let calls = 0;
  return intercepted(store, (call) => (fails((calls += 1)) ? Promise.reject(new Error('broken')) : call()));
}

describe('Between password and second factor nobody is signed in', () => {
  it.each([
    ['as they come', {}],
    ['with owed: callback', { owed: 'callback' }],
    ['with rolling sessions', { session: { secret: 'test', rolling: true, resave: true } }],
    ['with sessions for everybody', { session: { secret: 'test', saveUninitialized: true } }],
  ] satisfies [string, Parameters<typeof withAnn>[0]][])(
    'GHSA-xg6x-h9c9-2m83: no cookie of a half login opens anything, options %s',
    async (_name, options) => {
      const cast = await withAnn(options);
      const other = browser(cast.app);
      const login = await other.signIn('ann').expect(401);
      const step = await other.page('/2fa').expect(200);
      const { send } = await rawServer(cast.app);
      for (const cookie of [cookiesOf(login), `${cookiesOf(login)}; ${cookiesOf(step)}`]) {
        for (const accept of ['*/*', 'image/png', 'application/json', 'text/html']) {
          const me = await send('/me', { headers: { cookie, accept } });
          expect(me.text).not.toMatch(/"user":\{|ann@/);
          expect((await send('/billing', { headers: { cookie, accept } })).text).not.toContain(
            'billing":true',
          );
        }
      }
    },
  );

  it('GHSA-xg6x-h9c9-2m83: whoever else reads the session store sees nobody, and neither does a bare request', async () => {
    const cast = await withAnn();
    const login = await browser(cast.app).signIn('ann').expect(401);
    const plain = new Passport() as unknown as PassportStatic;
    plain.deserializeUser((id, done) => done(null, { id }));
    const second = express();
    second.use(session({ secret: 'test', resave: false, saveUninitialized: false, store: cast.sessions }));
    second.use(plain.session());
    second.get('/me', (req, res) => res.json({ user: req.user ?? null, in: req.isAuthenticated() }));
    const { send } = await rawServer(second);
    const me = await send('/me', { headers: { cookie: cookiesOf(login) } });
    expect(JSON.parse(me.text)).toEqual({ user: null, in: false });

    const upgrade = new IncomingMessage(new Socket());
    upgrade.headers.cookie = cookiesOf(login);
    upgrade.url = '/socket';
    await new Promise<void>((done) => {
      const load = session({ secret: 'test', resave: false, saveUninitialized: false, store: cast.sessions });
      load(upgrade as Request, new ServerResponse(upgrade) as never, () => done());
    });
    expect(await cast.twoFactor.statusFrom(upgrade)).toMatchObject({
      status: 'owed',
      owedBy: 'id-ann',
      proofs: [],
      amr: [],
    });
  });

  it('CVE-2020-15105, GHSA-vhr6-pvjm-9qwf: no password, code or secret is in the session or the record', async () => {
    const records: string[] = [];
    const pending = memoryPending();
    const noting = intercepted(pending, (call, _name, args) => {
      records.push(JSON.stringify(args));
      return call();
    });
    const cast = await withAnn({ pending: noting });
    const other = await halfLogin(cast);
    const code = cast.code();
    await other.post('/2fa/totp', { code: cast.wrong() });
    await other.post('/2fa/totp', { code });
    const stored = JSON.stringify(cast.sessions) + records.join('\n');
    for (const secret of ['right', code, cast.secret, ...cast.backupCodes]) {
      expect(stored).not.toContain(secret);
    }
  });

  it('allauth 0.56.1: a hook that throws denies: onSignedIn after the proof, accept before it', async () => {
    let fails = false;
    const cast = await withAnn({
      onSignedIn: () => {
        if (fails) throw new Error('blocked');
      },
      accept: () => {
        throw new Error('no answer from the identity provider');
      },
    });
    const other = await halfLogin(cast);
    fails = true;
    await other.post('/2fa/totp', { code: cast.code() }).expect(500);
    expect(await seen(other)).toMatchObject(nobody);
    // Nor does the session of a user without a factor survive it.
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(500);
    expect(await seen(bob)).toMatchObject(nobody);
  });

  it('allauth 64.1.0: signing out clears the half login', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    const login = await other.signIn('ann').expect(401);
    await other.signOut().expect(200);
    expect(errorCode(await other.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
      'sign_in_required',
    );
    const { send } = await rawServer(cast.app);
    const headers = { cookie: cookiesOf(login), accept: 'application/json' };
    expect((await send('/2fa', { headers })).status).toBe(401);
  });

  it('better-auth #9552: every way of logging in owes the factor: strategies, req.logIn, promises, tokens', async () => {
    class Oauth extends Strategy {
      readonly name = 'oauth';
      override authenticate(req: Request) {
        this.success(
          [...users.values()].find(({ id }) => id === req.query.user) ?? { id: 'nobody', name: '' },
        );
      }
    }
    let users: HostApp['users'] = new Map();
    const cast = await withAnn({}, (app) => {
      const logIn = (req: Request) =>
        new Promise<void>((done, fail) => {
          const ann = users.get('ann');
          if (ann) req.logIn(ann, (error: Error | undefined) => (error ? fail(error) : done()));
        });
      app.get('/magic-link', async (req, res) => {
        await logIn(req);
        res.json({ in: true });
      });
    });
    ({ users } = cast);
    cast.passport.use(new Oauth());
    const open = { assignProperty: undefined, session: true };
    cast.app.get('/oauth', cast.passport.authenticate('oauth', { ...open }), (req, res) =>
      res.json(req.user),
    );
    cast.app.get('/token', cast.passport.authenticate('oauth', { session: false }), (req, res) =>
      res.json(req.user),
    );
    cast.app.get('/several', cast.passport.authenticate(['local', 'oauth']), (req, res) =>
      res.json(req.user),
    );
    for (const path of ['/oauth?user=id-ann', '/several?user=id-ann', '/magic-link']) {
      const other = browser(cast.app);
      expect(errorCode(await other.get(path).expect(401))).toBe('second_factor_required');
      expect(await seen(other)).toMatchObject(nobody);
      await other.post('/2fa/totp', { code: cast.code() }).expect(200);
      expect(await seen(other)).toMatchObject({ user: { id: 'id-ann' } });
      cast.clock.move(30 * seconds);
    }
    const token = await browser(cast.app).get('/token?user=id-ann');
    expect(token.status).toBe(401);
    expect(token.text).not.toContain('ann@example.com');
    await browser(cast.app).get('/token?user=id-bob').expect(200);
  });

  it('better-auth PR #9203: the factor is required of whoever signs in, not of whoever used this browser before', async () => {
    const cast = await withAnn();
    await cast.twoFactor.importFactor('id-bob', { type: 'totp', secret: cast.secret, label: 'App' });
    // Ann has passed here; bob owes his own.
    await cast.ann.signIn('bob').expect(401);
    expect(await seen(cast.ann)).toMatchObject(nobody);
    expect((await cast.ann.get('/2fa').expect(200)).body.user).toBe('b•••@example.com');
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect(await seen(cast.ann)).toMatchObject({ user: { id: 'id-bob' } });
    // And who owes nothing is not asked, whoever was here before.
    await cast.ann.signIn('cyd').expect(200);
    expect(await seen(cast.ann)).toMatchObject({ user: { id: 'id-cyd' }, twoFactor: { status: 'exempt' } });
  });

  it('CVE-2025-12760, ASVS 2.3.1: the answer ends at the gate; no handler behind it runs', async () => {
    const ran: string[] = [];
    const cast = await withAnn({}, (app, twoFactor) => {
      app.get('/page', (_req, res) => {
        ran.push('page');
        res.send('page');
      });
      app.all('/guarded', twoFactor.requireProof(), (_req, res) => {
        ran.push('guarded');
        res.send('guarded');
      });
    });
    const other = await halfLogin(cast);
    await other.page('/page').expect(303).expect('Location', '/2fa?to=%2Fpage');
    await other.get('/page').expect(401);
    await other.page('/guarded').expect(303);
    await other.get('/guarded').expect(401);
    await other.agent.get('/guarded').set('Accept', '*/*').expect(401);
    await other.post('/guarded').expect(401);
    await other.agent.put('/guarded').set('Accept', '*/*').expect(401);
    expect(ran).toEqual([]);
  });

  it('CVE-2022-24857: a second login page with a Passport of its own owes the factor as well', async () => {
    const admin = new Passport() as unknown as PassportStatic;
    const cast = await withAnn();
    const host = hostApp({
      clock: cast.clock,
      accounts: cast.options.accounts,
      passport: [admin],
    });
    admin.use(
      new LocalStrategy((name, password, done) =>
        done(null, password === 'right' ? (host.users.get(name) ?? false) : false),
      ),
    );
    const users = [...host.users.values()];
    admin.serializeUser((user, done) => done(null, (user as { id: string }).id));
    admin.deserializeUser((id, done) => done(null, users.find((user) => user.id === id) ?? false));
    host.app.post('/admin/login', admin.authenticate('local'), (req, res) => res.json(req.user));
    const other = browser(host.app);
    const login = await other.post('/admin/login', { username: 'ann', password: 'right' }).expect(401);
    expect(errorCode(login)).toBe('second_factor_required');
    expect(await seen(other)).toMatchObject(nobody);
    expect(JSON.stringify(host.sessions)).not.toContain('id-ann');
  });

  it('CVE-2024-10924: whichever store call fails, a right code signs in wholly or not at all', async () => {
    for (let call = 1; call <= 16; call += 1) {
      let at = 0;
      let isOn = false;
      const fails = () => isOn && (at += 1) === call;
      const cast = await withAnn({
        accounts: failingAt<Accounts>(memoryAccounts(), fails),
        pending: failingAt<Pending>(memoryPending(), fails),
      });
      const other = await halfLogin(cast);
      isOn = true;
      const { status } = await other.post('/2fa/totp', { code: cast.code() });
      isOn = false;
      expect([200, 503]).toContain(status);
      const { body } = await other.agent.get('/me').set('Accept', '*/*');
      expect(body.user?.id ?? null).toBe(status === 200 ? 'id-ann' : null);
    }
  });

  it('CVE-2024-10924: whichever store call fails, a wrong code signs nobody in', async () => {
    for (let call = 1; call <= 16; call += 1) {
      let at = 0;
      let isOn = false;
      const fails = () => isOn && (at += 1) >= call;
      const cast = await withAnn({
        accounts: failingAt<Accounts>(memoryAccounts(), fails),
        pending: failingAt<Pending>(memoryPending(), fails),
      });
      const other = await halfLogin(cast);
      isOn = true;
      const answer = await other.post('/2fa/totp', { code: cast.wrong(), user: 'id-ann', userId: 'id-ann' });
      isOn = false;
      expect([401, 503]).toContain(answer.status);
      expect(await seen(other)).toMatchObject(nobody);
    }
  });

  it('GHSA-8fpg-xm3f-6cx3, ASVS 16.5.3: with a store or a key gone the gate refuses, and signs nobody out', async () => {
    let isDown = false;
    const pending = failingAt<Pending>(memoryPending(), () => isDown);
    const accounts = memoryAccounts();
    const cast = await withAnn({ accounts, pending });
    const other = await halfLogin(cast);
    isDown = true;
    for (const agent of [cast.ann, other]) {
      for (const path of ['/me', '/billing', '/2fa', '/2fa/security']) {
        const answer = await agent.get(path).expect(503);
        expect(errorCode(answer)).toBe('unavailable');
        expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
        expect((await agent.page(path)).status).toBe(503);
      }
    }
    isDown = false;
    await cast.ann.get('/me').expect(200);

    // A ring that has lost its key: nothing says that the account is ours, so nobody passes.
    const { app } = hostApp({ clock: cast.clock, accounts, keys: ['22'.repeat(32)] });
    const keyless = browser(app);
    const refused = await keyless.signIn('ann').expect(503);
    expect(errorCode(refused)).toBe('unavailable');
    expect(await seen(keyless)).toMatchObject(nobody);
    const withBoth = hostApp({ clock: cast.clock, accounts, keys: ['22'.repeat(32), testKey] });
    await (await halfLogin(withBoth)).post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('CVE-2025-64103, GHSA-cfjq-28r2-4jv5: a factor that a user set up is always asked for, and a code without a password is nothing', async () => {
    const cast = await withAnn();
    await browser(cast.app).signIn('ann').expect(401);
    const stranger = browser(cast.app);
    for (const body of [
      { code: cast.code() },
      { code: cast.code(), user: 'ann', username: 'ann', userId: 'id-ann' },
    ]) {
      expect(errorCode(await stranger.post('/2fa/totp', body).expect(401))).toBe('sign_in_required');
    }
    await stranger.signIn('bob').expect(200);
    expect(errorCode(await stranger.post('/2fa/totp', { code: cast.code() }).expect(404))).toBe('not_found');
    // None of this used the code up.
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('better-auth issue #8627: the gate holds for every set of factors an account can have', async () => {
    const cast = await withAnn();
    const owed = async (has: readonly string[]) => {
      const other = await halfLogin(cast);
      expect((await other.get('/2fa').expect(200)).body.types).toEqual(has);
      expect(await seen(other)).toMatchObject(nobody);
    };
    await owed(['totp', 'backup-code']);
    const tablet = await addApp(cast.ann, cast.clock.now(), 'Tablet');
    await owed(['totp', 'backup-code']);
    for (const code of cast.backupCodes) await cast.twoFactor.verify('id-ann', 'backup-code', { code });
    await owed(['totp']);
    const [first = '', second = ''] = await factorIds(cast.ann);
    await cast.ann.post(`/2fa/security/factors/${first}/remove`).expect(200);
    await owed(['totp']);
    await cast.twoFactor.importFactor('id-bob', { type: 'totp', secret: cast.secret, label: 'App' });
    expect((await (await halfLogin(cast, 'bob')).get('/2fa')).body.types).toEqual(['totp']);
    // What she had proven herself by is gone.
    const remove = () => cast.ann.post(`/2fa/security/factors/${second}/remove`);
    expect(errorCode(await remove().expect(403))).toBe('step_up_required');
    cast.clock.move(minutes);
    await cast.ann.post('/2fa/totp', { code: codeAt(tablet, cast.clock.now()) }).expect(200);
    await remove().expect(200);
    await browser(cast.app).signIn('ann').expect(200);
  });

  it('CVE-2024-45042, GHSA-wc43-73w7-x2f5: what is owed depends only on the factors, whatever their type and state', async () => {
    const cast = await withAnn();
    const account = await cast.options.accounts.load('id-ann' as UserId);
    const [factor] = account?.factors ?? [];
    if (!account || !factor) throw new Error('ann has an account');
    const odd = (more: object): Account => ({
      ...account,
      factors: [{ ...factor, ...more }],
    });
    for (const type of ['totp', 'webauthn', 'otp-sms', 'otp-email', 'of a newer version']) {
      expect(owesFactor(odd({ type }))).toBe(true);
      expect(owesFactor(odd({ type, suspended: true }))).toBe(true);
    }
    expect(owesFactor({ ...account, backupCodes: null, preferred: null })).toBe(true);
    expect(owesFactor({ ...account, factors: [] })).toBe(false);
  });

  it.each([
    '//me',
    '/me/',
    '/ME',
    '/%6De',
    '/./me',
    '/x/../me',
    '/me?to=//evil.example',
    '/me%00',
    '/me;x',
    '///me',
    '//2fa/security',
    '/2fa//security',
    '/2fa/security/',
    '/2FA/security',
    '/2fa/%73ecurity',
    '/2fa%2fsecurity',
    '/2fa/security%2f',
    '/2fa/security%00',
    '/2fa/./security',
    '/2fa/x/../security',
    '/2fa/security;a=b',
    '/2fa/security/totp',
    '//2fa/security/totp',
    '/2fa/security//totp',
    '/2fa/security/backup-codes',
    'http://localhost:3000/2fa/security',
    '/2fa/security/factors/%2e%2e',
    '/2fa/%',
  ])('GHSA-x732-6j76-qmhm: odd spelling opens nothing to a half login or a stranger: %s', async (path) => {
    const cast = await withAnn();
    const login = await browser(cast.app).signIn('ann').expect(401);
    const { send } = await rawServer(cast.app);
    for (const cookie of [cookiesOf(login), '']) {
      for (const accept of ['application/json', 'text/html', '*/*']) {
        const { status, text, headers } = await send(path, { headers: { cookie, accept } });
        expect([200, 303, 400, 401, 404]).toContain(status);
        expect(text).not.toMatch(/ann@|enabled|otpauth|"secret"|createdAt/);
        expect(headers.location ?? '/2fa').toMatch(/^\/2fa(\?to=|$)/);
      }
    }
  });

  it('GHSA-x732-6j76-qmhm: no spelling of the address gives guesses that are not counted', async () => {
    const cast = await withAnn();
    const { send } = await rawServer(cast.app);
    const statuses: number[] = [];
    for (let nth = 0; nth < 24; nth += 1) {
      const login = await browser(cast.app).signIn('ann').expect(401);
      const path =
        [
          '//2fa/totp',
          '/2FA/totp',
          '/2fa/totp/',
          '/2fa//totp',
          '/2fa/%74otp',
          '/2fa/TOTP',
          '/2fa/totp?x',
          '/2fa/./totp',
        ][nth % 8] ?? '';
      const { status } = await send(path, {
        method: 'POST',
        headers: {
          cookie: cookiesOf(login),
          origin: 'http://localhost:3000',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ code: cast.wrong() }),
      });
      statuses.push(status);
    }
    const left = (await cast.options.accounts.load('id-ann' as UserId))?.lanes.others.left ?? 0;
    expect(statuses.filter((status) => status === 401)).toHaveLength(10 - left);
    expect(new Set(statuses)).toEqual(new Set([401, 404]));
  });

  it('GHSA-x732-6j76-qmhm: below a mounted router the gate and the pages are the same', async () => {
    const cast = await withAnn();
    const outer = express().use('/app', cast.app);
    const other = browser(outer);
    const login = await other.post('/app/login', { username: 'ann', password: 'right' }).expect(401);
    expect(login.body.error.url).toBe('/app/2fa');
    await other.page('/app/me').expect(303).expect('Location', '/app/2fa?to=%2Fapp%2Fme');
    expect(errorCode(await other.get('/app/2fa/security').expect(401))).toBe('second_factor_required');
    const page = await other.page('/app/2fa').expect(200);
    expect(page.text).toContain('action="/app/2fa/totp"');
    const passed = await other.form('/app/2fa/totp', { form_token: formToken(page.text), code: cast.code() });
    expect([passed.status, passed.headers.location]).toEqual([303, '/app/']);
  });

  it.each(['thunderbird/thunderbird-accounts #1013', 'scheb/2fa #96', 'skyvers/skyve PR #298'])(
    '%s: after ten minutes the first action says that it took too long, and keeps the goal',
    async (source) => {
      const cast = await withAnn();
      const actions: Record<
        string,
        (agent: BrowserAgent, token: string) => PromiseLike<{ status: number; text: string; body: unknown }>
      > = {
        'thunderbird/thunderbird-accounts #1013': (agent) => agent.page('/2fa/choose?to=%2Fbilling'),
        'scheb/2fa #96': (agent, token) =>
          agent.form('/2fa/totp', { form_token: token, code: cast.code(), to: '/billing' }),
        'skyvers/skyve PR #298': (agent, token) =>
          agent.form('/2fa/backup-code', {
            form_token: token,
            code: cast.backupCodes[0] ?? '',
            to: '/billing',
          }),
      };
      const other = await halfLogin(cast);
      const { text } = await other.page('/2fa?to=%2Fbilling').expect(200);
      cast.clock.move(10 * minutes + 1);
      const answer = await actions[source]?.(other, formToken(text));
      expect(answer?.status).toBe(401);
      expect(answer?.text).toContain('This sign-in has ended');
      expect(answer?.text).toContain('to=%2Fbilling');
      for (const path of ['/2fa', '/2fa/choose', '/2fa/totp', '/2fa/backup-code', '/2fa/nothing']) {
        expect(errorCode(await other.get(path).expect(401))).toBe('half_login_ended');
      }
      // Its way out leads to the login page with the goal, and nothing was spent.
      const onward = await submit(other, '/2fa?to=%2Fbilling', '/2fa/cancel?to=%2Fbilling');
      expect([onward.status, onward.headers.location]).toEqual([303, '/login?to=%2Fbilling']);
      const again = await other
        .post('/login?to=/billing', { username: 'ann', password: 'right' })
        .expect(401);
      expect(again.body.error.url).toBe('/2fa?to=%2Fbilling');
      await other.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
      await other.post('/2fa/totp', { code: cast.code() }).expect(200);
    },
  );

  it('scheb/2fa #96: an hour later it is plain "sign in", in JSON and on the page', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    cast.clock.move(1 * hours);
    expect(errorCode(await other.get('/2fa').expect(401))).toBe('sign_in_required');
    expect((await other.page('/2fa?to=%2Fbilling').expect(401)).text).toContain('/login?to=%2Fbilling');
  });

  it('CVE-2025-65430: a user who is deleted while owing loses the half login and every session', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    cast.users.delete('ann');
    for (const answer of [await other.get('/2fa'), await other.post('/2fa/totp', { code: cast.code() })]) {
      expect([answer.status, errorCode(answer)]).toEqual([401, 'sign_in_required']);
    }
    expect(await seen(cast.ann)).toMatchObject(nobody);
    expect(await seen(other)).toMatchObject(nobody);
    expect(errorCode(await cast.ann.get('/2fa/security').expect(401))).toBe('sign_in_required');
  });

  it('GHSA-cq3f-vc6p-68fh, CVE-2026-45337: a half login belongs to its browser; nobody else finishes it', async () => {
    const cast = await withAnn();
    const owner = await halfLogin(cast);
    const { body } = await owner.get('/2fa').expect(200);
    const thief = browser(cast.app);
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    for (const agent of [thief, bob]) {
      const claim = {
        code: cast.code(),
        loginId: 'any',
        owed: body,
        session: 'x',
        factorId: body.factors[0].id,
      };
      expect([401, 404]).toContain((await agent.post('/2fa/totp', claim)).status);
    }
    await owner.post('/2fa/totp', { code: cast.code() }).expect(200);
  });
});
