import type { Request } from 'express';
import type { PassportStatic } from 'passport';
import type { SecondFactorOptions } from '../../lib';
import { browser, errorCode } from '../support/browser-agent';
import { seconds } from '../support/clock';
import type { TestUser } from '../support/host-app';
import { localKey } from '../support/keys';
import {
  appErrors,
  host,
  mountSession,
  passwordStrategy,
  preparePassport,
  sessionCookie,
  usualRoutes,
  type ExpressModule,
  type Host,
  type PassportClass,
} from './host';
import { BasicStrategy, BearerStrategy, RememberMeStrategy } from './strategies';

interface Versions {
  readonly express: ExpressModule;
  readonly Passport: PassportClass;
}

/** A Passport with a place of its own in the session. */
const passportAt = (key: string, { Passport }: Versions): PassportStatic => {
  class Elsewhere extends Passport {
    init(): void {
      Object.assign(this, { _key: key });
      (Passport.prototype as { init(): void }).init.call(this);
    }
  }
  return new Elsewhere();
};

const password = { username: 'ann', password: 'right' };
/** The logins of public Express + Passport apps, in small. */
export function shapesContract(name: string, versions: Versions): void {
  describe(`An app that remembers logins by a cookie, on ${name}`, () => {
    const remembering = () =>
      host({
        ...versions,
        routes: ({ app, passport, users }) => {
          passport.use(new RememberMeStrategy((one) => users.get(one)));
          app.use(passport.authenticate('remember-me'));
          app.get('/', (req, res) => {
            res.send(req.user ? 'hello' : 'public');
          });
        },
      });
    const remembered = ({ visitor }: Host) => {
      const ann = visitor();
      ann.agent.jar.setCookie('remember_me=ann; path=/', '127.0.0.1', '/');
      return ann;
    };

    it('has one half login, however many files of a page ask', async () => {
      const built = await remembering();
      const owed: string[] = [];
      built.twoFactor.on('login.owed', ({ loginId }) => owed.push(loginId));
      const ann = remembered(built);
      expect((await ann.page('/').expect(303)).headers.location).toBe('/2fa?to=%2F');
      for (const file of ['/a.css', '/logo.png', '/favicon.ico']) {
        await ann.get(file, 'image/*').set('Sec-Fetch-Dest', 'image');
      }
      expect(owed).toHaveLength(1);
      await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect((await ann.page('/').expect(200)).text).toBe('hello');
    });

    it('keeps the tries of that half login', async () => {
      const built = await remembering();
      const ann = remembered(built);
      await ann.page('/').expect(303);
      for (const left of [4, 3, 2, 1, 0]) {
        await ann.get('/a.css', 'text/css');
        const wrong = await ann.post('/2fa/totp', { code: '000000' }).expect(401);
        expect(wrong.body.error.triesLeft).toBe(left);
      }
      expect(errorCode(await ann.post('/2fa/totp', { code: '000000' }))).toBe('half_login_ended');
    });
  });

  describe(`A second login in one session, on ${name}`, () => {
    it('of the same user (account linking) keeps the record under a new session id', async () => {
      const { signedIn, clock } = await host(versions);
      const ann = await signedIn();
      const before = (await ann.get('/me')).body.twoFactor;
      clock.move(60_000);
      const linked = await ann.signIn('ann').expect(200);
      expect(linked.body.user.id).toBe('id-ann');
      expect(sessionCookie(linked)).toBeDefined();
      expect((await ann.get('/me')).body.twoFactor).toEqual(before);
    });

    it('leaves the session id of before the linking dead', async () => {
      const { visitor, code, app } = await host(versions);
      const ann = visitor();
      await ann.signIn('ann').expect(401);
      const old = sessionCookie(await ann.post('/2fa/totp', { code: code('ann') })) ?? '';
      const whoami = (cookie: string) => browser(app).get('/me', 'image/*').set('Cookie', cookie);
      expect((await whoami(old)).body.user.id).toBe('id-ann');
      const linked = sessionCookie(await ann.signIn('ann').expect(200)) ?? '';
      expect((await whoami(old)).body.user).toBeNull();
      expect((await whoami(linked)).body.user.id).toBe('id-ann');
    });

    it('of another user starts from nothing', async () => {
      const { signedIn, code } = await host(versions);
      const browserOfBoth = await signedIn('ann');
      expect(errorCode(await browserOfBoth.signIn('cyd').expect(401))).toBe('second_factor_required');
      expect(errorCode(await browserOfBoth.get('/me').expect(401))).toBe('second_factor_required');
      await browserOfBoth.post('/2fa/totp', { code: code('cyd') }).expect(200);
      expect((await browserOfBoth.get('/me')).body.user.id).toBe('id-cyd');
    });

    it.each(['ann', 'bob'])(
      'by %s after Cyd starts from nothing, also with keepSessionInfo',
      async (next) => {
        const { signedIn, code } = await host({
          ...versions,
          routes: ({ app, passport }) => {
            app.post('/keep', passport.authenticate('local', { keepSessionInfo: true }), (req, res) => {
              res.json({ user: req.user });
            });
            app.post('/cart', (req, res) => {
              req.session.cart = 'of Cyd';
              res.json({ ok: true });
            });
            app.get('/cart', (req, res) => {
              res.json({ cart: req.session.cart ?? null, user: req.user ?? null });
            });
          },
        });
        const shared = await signedIn('cyd');
        await shared.post('/cart').expect(200);
        const login = await shared.post('/keep', { username: next, password: 'right' });
        if (next === 'ann') {
          expect(errorCode(login)).toBe('second_factor_required');
          expect((await shared.get('/cart', 'image/*')).body).toEqual({ cart: 'of Cyd', user: null });
          await shared.post('/2fa/totp', { code: code('ann') }).expect(200);
        }
        const { user, twoFactor } = (await shared.get('/me').expect(200)).body;
        expect(user.id).toBe(`id-${next}`);
        expect(twoFactor.proofs).toHaveLength(next === 'ann' ? 1 : 0);
        expect((await shared.get('/cart')).body.cart).toBe('of Cyd');
      },
    );
  });

  describe(`An API without sessions, on ${name}`, () => {
    const api = (tokenStrategies: string[]) =>
      host({
        ...versions,
        options: { tokenStrategies },
        routes: ({ app, passport, users }) => {
          const find = (one: string) => users.get(one);
          passport.use(new BasicStrategy(find)).use(new BearerStrategy(find));
          for (const scheme of ['basic', 'bearer']) {
            app.get(`/${scheme}`, passport.authenticate(scheme, { session: false }), (req, res) => {
              res.json({ user: req.user });
            });
          }
          app.get('/either', passport.authenticate(['bearer', 'basic'], { session: false }), (req, res) => {
            res.json({ user: req.user });
          });
          app.use(appErrors);
        },
      });
    const basic = (who: string) => `Basic ${Buffer.from(`${who}:right`).toString('base64')}`;

    it('refuses Basic, which is a password, while a factor is owed', async () => {
      const { visitor } = await api(['bearer']);
      const refused = await visitor().get('/basic').set('Authorization', basic('ann')).expect(401);
      expect(refused.body.appError).toBe('second_factor_required');
      await visitor().get('/basic').set('Authorization', basic('bob')).expect(200);
    });

    it('lets a bearer token pass where its strategy is named', async () => {
      const { visitor } = await api(['bearer']);
      const passed = await visitor().get('/bearer').set('Authorization', 'Bearer ann').expect(200);
      expect(passed.body.user.id).toBe('id-ann');
    });

    it('refuses a bearer token where it is not', async () => {
      const { visitor } = await api([]);
      await visitor().get('/bearer').set('Authorization', 'Bearer ann').expect(401);
    });

    it('tells the strategies of one route apart', async () => {
      const { visitor } = await api(['bearer']);
      await visitor().get('/either').set('Authorization', 'Bearer ann').expect(200);
      await visitor().get('/either').set('Authorization', basic('ann')).expect(401);
    });
  });

  describe(`Where an app is mounted, on ${name}`, () => {
    const mounted = async (place: string, options: Partial<SecondFactorOptions<TestUser>> = {}) => {
      const built = await host({
        ...versions,
        options,
        build: (one) => {
          const inner = versions.express();
          mountSession({ ...one, app: inner });
          inner.use(one.twoFactor.protect({ signOut: '/logout' }));
          usualRoutes({ ...one, app: inner, twoFactor: one.twoFactor });
          const router = versions.express.Router();
          router.post('/login', one.passport.authenticate('local'));
          inner.use('/auth/local', router);
          one.app.use(place, inner);
        },
      });
      return built;
    };

    it('a sub-app under /admin has its pages below it', async () => {
      const { visitor, code } = await mounted('/admin');
      const ann = visitor();
      const owed = await ann.post('/admin/login', password).expect(401);
      expect(owed.body.error.url).toBe('/admin/2fa');
      expect((await ann.page('/admin/billing?a=1').expect(303)).headers.location).toBe(
        '/admin/2fa?to=%2Fadmin%2Fbilling%3Fa%3D1',
      );
      expect((await ann.page('/admin/2fa').expect(200)).text).toContain('action="/admin/2fa/totp"');
      const passed = await ann.post('/admin/2fa/totp', { code: code('ann') }).expect(200);
      expect(passed.body.url).toBe('/admin/');
    });

    it('a login route in a router of its own leads to the same pages', async () => {
      const { visitor } = await mounted('/admin');
      const owed = await visitor().post('/admin/auth/local/login', password).expect(401);
      expect(owed.body.error.url).toBe('/admin/2fa');
    });

    it('lets the sign-out path of a mounted app pass', async () => {
      const { visitor } = await mounted('/admin');
      const ann = visitor();
      await ann.post('/admin/login', password).expect(401);
      await ann.post('/admin/logout').expect(200, { out: true });
      await ann.page('/admin/2fa').expect(401);
    });

    it('behind a proxy that takes its path away, addresses are those of the browser', async () => {
      const { visitor, code } = await host({ ...versions, options: { origin: 'http://localhost:3000/app' } });
      const ann = visitor();
      const owed = await ann.post('/login', password).expect(401);
      expect(owed.body.error.url).toBe('/app/2fa');
      expect((await ann.page('/billing').expect(303)).headers.location).toBe('/app/2fa?to=%2Fapp%2Fbilling');
      expect((await ann.page('/2fa').expect(200)).text).toContain('action="/app/2fa/totp"');
      const passed = await ann.post('/2fa/totp', { code: code('ann') }).expect(200);
      expect(passed.body.url).toBe('/app/');
    });

    it('behind a proxy that keeps its path, nothing is doubled', async () => {
      const { visitor } = await mounted('/app', { origin: 'http://localhost:3000/app/' });
      const ann = visitor();
      const owed = await ann.post('/app/login', password).expect(401);
      expect(owed.body.error.url).toBe('/app/2fa');
      expect((await ann.page('/app/billing').expect(303)).headers.location).toBe(
        '/app/2fa?to=%2Fapp%2Fbilling',
      );
    });
  });

  describe(`Passport used in other ways, on ${name}`, () => {
    it('honours userProperty', async () => {
      const account = (req: Request) => (req as Request & { account?: unknown }).account ?? null;
      const built = await host({
        ...versions,
        build: (one) => {
          const { app, passport, twoFactor } = one;
          mountSession(one, {}, { userProperty: 'account' });
          app.use(twoFactor.protect());
          app.post('/login', passport.authenticate('local'), (req, res) => {
            res.json({ account: account(req) });
          });
          app.get('/me', (req, res) => {
            res.json({ account: account(req), user: req.user ?? null, in: req.isAuthenticated() });
          });
        },
      });
      const ann = built.visitor();
      await ann.signIn('ann').expect(401);
      expect((await ann.get('/me', 'image/*')).body).toEqual({ account: null, user: null, in: false });
      await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect((await ann.get('/me')).body).toMatchObject({ account: { id: 'id-ann' }, user: null, in: true });
      const bob = built.visitor();
      await bob.signIn('bob').expect(200);
      expect((await bob.get('/me')).body).toMatchObject({ account: { id: 'id-bob' }, user: null });
    });

    it.each(['passport', 'staff'])('covers a second Passport instance with the key %s', async (key) => {
      class Staff extends versions.Passport {
        init(): void {
          Object.assign(this, { _key: key });
          (versions.Passport.prototype as { init(): void }).init.call(this);
        }
      }
      const staff = new Staff();
      const first = new versions.Passport();
      const built = await host({
        ...versions,
        options: { passport: [first, staff] },
        build: (one) => {
          preparePassport(first, one.users);
          preparePassport(staff, one.users);
          mountSession({ ...one, passport: first });
          one.app.use(staff.session(), one.twoFactor.protect());
          usualRoutes({ ...one, passport: first });
          one.app.post('/staff/login', staff.authenticate('local'), (req, res) => {
            res.json({ user: req.user });
          });
        },
      });
      const ann = built.visitor();
      expect(errorCode(await ann.post('/staff/login', password).expect(401))).toBe('second_factor_required');
      expect((await ann.get('/whoami.png', 'image/*')).body.user).toBeNull();
      await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect((await ann.get('/me')).body).toMatchObject({ user: { id: 'id-ann' } });
      const cyd = built.visitor();
      expect(errorCode(await cyd.signIn('cyd').expect(401))).toBe('second_factor_required');
      await cyd.post('/2fa/totp', { code: built.code('cyd') }).expect(200);
      expect((await cyd.get('/me')).body).toMatchObject({ user: { id: 'id-cyd' } });
    });

    it.each([0, 1])('leaves no user of another Passport behind (the new one is number %i)', async (index) => {
      const staff = passportAt('staff', versions);
      const people = new versions.Passport();
      const built = await host({
        ...versions,
        options: { passport: index === 0 ? [staff, people] : [people, staff] },
        build: (one) => {
          preparePassport(people, one.users);
          preparePassport(staff, one.users);
          mountSession({ ...one, passport: people });
          one.app.use(staff.session(), one.twoFactor.protect());
          usualRoutes({ ...one, passport: people });
          const keep = staff.authenticate('local', { keepSessionInfo: true });
          one.app.post('/staff/login', keep, (req, res) => {
            res.json({ session: req.session });
          });
        },
      });
      const shared = await built.signedIn('ann');
      const login = await shared.post('/staff/login', { username: 'bob', password: 'right' }).expect(200);
      expect(login.body.session).toMatchObject({ staff: { user: 'id-bob' } });
      expect(JSON.stringify(login.body.session)).not.toContain('id-ann');
      expect((await shared.get('/me')).body).toMatchObject({
        user: { id: 'id-bob' },
        twoFactor: { status: 'exempt', proofs: [] },
      });
    });

    it('leaves none behind a passkey either, where the app keeps the session over a login', async () => {
      const staff = passportAt('staff', versions);
      const people = new versions.Passport();
      const built = await host({
        ...versions,
        options: {
          passport: [people, staff],
          passkeys: true,
          users: {
            id: (user) => user.id,
            name: (user) => user.name,
            byId: (id) => [...built.users.values()].find((user) => user.id === id),
          },
        },
        build: (one) => {
          preparePassport(people, one.users);
          preparePassport(staff, one.users);
          mountSession({ ...one, passport: people });
          one.app.use(staff.session(), (req, _res, next) => {
            req.session.regenerate = (done) => {
              done(null);
              return req.session;
            };
            next();
          });
          one.app.use(one.twoFactor.protect(), one.twoFactor.passkeySignIn());
          usualRoutes({ ...one, passport: people });
          one.app.post('/staff/login', staff.authenticate('local'), (req, res) => {
            res.json({ session: req.session });
          });
          one.app.get('/session', (req, res) => {
            res.json(req.session);
          });
        },
      });
      const key = localKey();
      const ann = await built.signedIn('ann');
      const { body: asked } = await ann.post('/2fa/security/webauthn/options').expect(200);
      await ann.post('/2fa/security/webauthn', { response: key.create(asked.challenge) }).expect(201);
      built.clock.move(1 * seconds);
      const shared = built.visitor();
      await shared.post('/staff/login', { username: 'bob', password: 'right' }).expect(200);
      const { body } = await shared.post('/2fa/passkey/options').expect(200);
      const response = key.get(body.options.challenge, { userHandle: asked.user.id });
      await shared.post('/2fa/passkey', { response }).expect(200);
      const { body: kept } = await shared.get('/session').expect(200);
      expect(kept).toMatchObject({ passport: { user: 'id-ann' } });
      expect(JSON.stringify(kept)).not.toContain('id-bob');
    });

    it('takes whatever the app puts into the session for a user: 0, an object', async () => {
      for (const form of [(id: string) => Number(id !== 'id-bob'), (id: string) => ({ id, tenant: 't' })]) {
        const built = await host({
          ...versions,
          build: (one) => {
            const passport = new versions.Passport();
            passport.use(passwordStrategy(one.users));
            passport.serializeUser((user, done) => done(null, form((user as TestUser).id)));
            passport.deserializeUser((stored: unknown, done) => {
              const all = [...one.users.values()];
              const found = all.find(({ id }) => JSON.stringify(form(id)) === JSON.stringify(stored));
              done(null, found ?? false);
            });
            Object.assign(one.options, { passport });
            mountSession({ ...one, passport });
            one.app.use(one.twoFactor.protect());
            usualRoutes({ ...one, passport, twoFactor: one.twoFactor });
          },
          constructLast: true,
        });
        const ann = await built.signedIn('ann');
        expect((await ann.get('/me')).body.user).toMatchObject({ id: 'id-ann' });
        const bob = built.visitor();
        await bob.signIn('bob').expect(200);
        expect((await bob.get('/me')).body.user).toMatchObject({ id: 'id-bob' });
      }
    });

    it('works over https behind a proxy, with secure cookies', async () => {
      const built = await host({
        ...versions,
        options: { origin: 'https://admin.example.com' },
        session: { proxy: true, cookie: { secure: true, sameSite: 'lax', httpOnly: true } },
      });
      const proxied = { 'X-Forwarded-Proto': 'https', Origin: 'https://admin.example.com' };
      const ann = built.visitor();
      const owed = await ann.signIn('ann').set(proxied).expect(401);
      const cookie = sessionCookie(owed) ?? '';
      const passed = await ann
        .post('/2fa/totp', { code: built.code('ann') })
        .set({ ...proxied, Cookie: cookie })
        .expect(200);
      const lines = passed.headers['set-cookie'] as unknown as string[];
      expect(lines.filter((line) => line.includes('; Secure'))).toHaveLength(lines.length);
      const me = await ann.get('/me').set({ ...proxied, Cookie: sessionCookie(passed) ?? '' });
      expect(me.body.user).toMatchObject({ id: 'id-ann' });
    });

    it('cannot see an inline strategy that is told to assign the user: isOwedBy says it', async () => {
      const { visitor, twoFactor, users } = await host({
        ...versions,
        routes: ({ app, passport, users: all }) => {
          const inline = passport.authenticate(passwordStrategy(all), { assignProperty: 'user' });
          app.post('/inline', inline, (req, res) => {
            res.json({ user: req.user });
          });
        },
      });
      await visitor().post('/inline', password).expect(200);
      expect(await twoFactor.isOwedBy(users.get('ann') as TestUser)).toBe(true);
      expect(await twoFactor.isOwedBy(users.get('bob') as TestUser)).toBe(false);
    });

    it.each([
      ['with a session', {}],
      ['without one', { session: false }],
    ])('refuses a proof given to req.logIn as a user, %s', async (_, options) => {
      const built = await host({
        ...versions,
        options: { users: { id: (user) => ('id' in user ? user.id : 'nobody'), name: (user) => user.name } },
        routes: ({ app, passport }) => {
          app.post('/proof', passport.authenticate('totp', options), (req, res) => {
            res.json({ user: req.user });
          });
          app.use('/proof', appErrors);
        },
      });
      const ann = built.visitor();
      await ann.signIn('ann').expect(401);
      const refused = await ann.post('/proof', { code: built.code('ann') }).expect(500);
      expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
      expect(refused.body.help).toContain('assignProperty');
      expect((await ann.get('/whoami.png', 'image/*')).body.user).toBeNull();
    });
  });

  describe(`The way back on ${name}`, () => {
    const redirecting = () =>
      host({
        ...versions,
        options: { home: (user) => `/home/${user.id}` },
        routes: ({ app, passport }) => {
          app.get('/want', (req, res) => {
            if (typeof req.query.to === 'string') req.session.returnTo = req.query.to;
            res.json({ ok: true });
          });
          const routes = {
            '/redirect': { successRedirect: '/dashboard' },
            '/return-or': { successReturnToOrRedirect: '/dashboard' },
            '/foreign': { successRedirect: 'https://evil.example/' },
            '/relative': { successRedirect: 'dashboard' },
          };
          for (const [path, options] of Object.entries(routes)) {
            app.post(path, passport.authenticate('local', options));
          }
        },
      });

    it.each([
      ['successRedirect', '/redirect', null, '/dashboard'],
      ['successReturnToOrRedirect', '/return-or', null, '/dashboard'],
      ['session.returnTo before successReturnToOrRedirect', '/return-or', '/billing?a=1#b', '/billing?a=1#b'],
      ['session.returnTo before successRedirect', '/redirect', '/billing', '/billing'],
      ['home where a redirect leads elsewhere', '/foreign', null, '/home/id-ann'],
      ['home where a redirect is relative', '/relative', null, '/home/id-ann'],
      ['home for a login without any of these', '/login', null, '/home/id-ann'],
    ])('is %s', async (_, path, returnTo, url) => {
      const { visitor, code } = await redirecting();
      const ann = visitor();
      if (returnTo !== null) await ann.get(`/want?to=${encodeURIComponent(returnTo)}`).expect(200);
      const owed = await ann.post(path, password).expect(401);
      const step: string = owed.body.error.url;
      const passed = await ann.post(step.replace('/2fa', '/2fa/totp'), { code: code('ann') }).expect(200);
      expect(passed.body.url).toBe(url);
    });

    it('leaves the redirects of a user who owes nothing to Passport', async () => {
      const { visitor } = await redirecting();
      const bob = visitor();
      const sent = await bob.form('/redirect', { username: 'bob', password: 'right' }).expect(302);
      expect(sent.headers.location).toBe('/dashboard');
    });

    it('never reaches the next person at this browser', async () => {
      const { visitor, code } = await redirecting();
      const shared = visitor();
      await shared.get('/want?to=/secret-of-ann').expect(200);
      await shared.post('/return-or', password).expect(401);
      await shared.post('/2fa/cancel').expect(200);
      const owed = await shared.signIn('cyd').expect(401);
      expect(owed.body.error.url).toBe('/2fa');
      expect((await shared.post('/2fa/totp', { code: code('cyd') })).body.url).toBe('/home/id-cyd');
    });
  });
}
