import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import session, { MemoryStore, type Session, type Store } from 'express-session';
import { SecondFactorError } from '../../lib';
import { browser, codeAt, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { appErrors, host, mountSession, sessionCookie, usualRoutes, type Host } from '../hosts/host';
import { readSession, records, sidOf } from './session-data';

type CookieSession = (options: { name: string; keys: string[] }) => RequestHandler;
const cookieSession = jest.requireActual<CookieSession>('cookie-session');

type Done = (error?: unknown) => void;

/** What apps put in the place of the session's own functions. */
const shims: Record<string, (req: Request) => void> = {
  'regenerate() that does nothing': ({ session: one }) => {
    Object.assign(one, { regenerate: (done: Done) => done() });
  },
  'regenerate() that does nothing, later': ({ session: one }) => {
    Object.assign(one, { regenerate: (done: Done) => setImmediate(done) });
  },
  'regenerate() and save() that do nothing': ({ session: one }) => {
    Object.assign(one, { regenerate: (done: Done) => done(), save: (done?: Done) => done?.() });
  },
  'a regenerate() around the own one': ({ session: one }) => {
    const own = one.regenerate;
    Object.assign(one, {
      regenerate(this: Session, ...given: [Done]) {
        return own.apply(this, given);
      },
    });
  },
  'a regenerate() that keeps the cart': (req) => {
    const own = req.session.regenerate.bind(req.session);
    Object.assign(req.session, {
      regenerate: (done: Done) => {
        const { cart } = req.session;
        own((error: unknown) => {
          if (cart !== undefined) req.session.cart = cart;
          done(error);
        });
      },
    });
  },
};

const shimmed = (shim: (req: Request) => void, routes: (built: Host) => void = () => undefined) =>
  host({
    aboveStep: ({ app }) => {
      app.use((req, _res, next) => {
        shim(req);
        next();
      });
    },
    routes: (built) => {
      const { app, twoFactor } = built;
      app.post('/cart', (req, res) => {
        req.session.cart = 'apples';
        res.json({ ok: true });
      });
      app.get('/cart', (req, res) => {
        res.json({ cart: req.session.cart ?? null });
      });
      app.post('/password', async (req, res) => {
        await twoFactor.signOutEverywhere('id-ann', { except: req });
        res.json({ ok: true });
      });
      routes(built);
    },
  });

const userOf = async (agent: BrowserAgent): Promise<unknown> =>
  (await agent.get('/me', 'image/*').expect(200)).body.user?.id ?? null;

/** Everything a session id was ever in is gone: session and record. */
async function expectDead(built: Host, sid: string): Promise<void> {
  expect(sid).not.toBe('');
  expect(await readSession(built.store, sid)).toBeNull();
  expect(await records(built).read(sid)).toBeNull();
}

describe.each(Object.entries(shims))('An app with %s', (_, shim) => {
  it('signs in who owes a factor, under a new session id at each step', async () => {
    const built = await shimmed(shim);
    const ann = built.visitor();
    const before = sidOf(sessionCookie(await ann.post('/cart').expect(200)));
    const half = sidOf(sessionCookie(await ann.signIn('ann').expect(401)));
    await expectDead(built, before);
    expect(await userOf(ann)).toBeNull();
    const whole = sidOf(sessionCookie(await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200)));
    await expectDead(built, half);
    expect(await userOf(ann)).toBe('id-ann');
    const raised = sidOf(sessionCookie(await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200)));
    await expectDead(built, whole);
    const renewed = sidOf(sessionCookie(await ann.post('/password').expect(200)));
    await expectDead(built, raised);
    expect(await userOf(ann)).toBe('id-ann');
    expect((await ann.get('/me')).body.twoFactor).toMatchObject({ status: 'passed', amr: ['otp', 'mfa'] });
    await ann.signOut().expect(200);
    await expectDead(built, renewed);
    expect(await userOf(ann)).toBeNull();
  });

  it('lets a user without factors in, who switches two-factor on', async () => {
    const built = await shimmed(shim);
    const bob = built.visitor();
    await bob.signIn('bob').expect(200);
    expect(await userOf(bob)).toBe('id-bob');
    const { secret } = await enrolTotp(bob, built.clock.now());
    expect((await bob.get('/2fa/security').expect(200)).body.enabled).toBe(true);
    await bob.signOut().expect(200);
    await bob.signIn('bob').expect(401);
    built.clock.move(30 * seconds);
    await bob.post('/2fa/totp', { code: codeAt(secret, built.clock.now()) }).expect(200);
    expect(await userOf(bob)).toBe('id-bob');
  });

  it('loses no session to a login that was ended elsewhere, and no user to the next one', async () => {
    const built = await shimmed(shim);
    const ann = await built.signedIn('ann');
    await built.twoFactor.signOutEverywhere('id-ann');
    expect(await userOf(ann)).toBeNull();
    await ann.signIn('cyd').expect(401);
    await ann.post('/2fa/cancel').expect(200);
    expect((await ann.get('/2fa').expect(401)).body.error.code).toBe('sign_in_required');
  });
});

describe('A session that the app keeps by a regenerate() that does nothing', () => {
  it('keeps what the app has in it, under a new id, and of the users nobody', async () => {
    const built = await shimmed(shims['regenerate() that does nothing'] ?? (() => undefined));
    const shared = await built.signedIn('cyd');
    await shared.post('/cart').expect(200);
    const half = sidOf(sessionCookie(await shared.signIn('ann').expect(401)));
    expect(await readSession(built.store, half)).toMatchObject({ cart: 'apples', passport: {} });
    await shared.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(await userOf(shared)).toBe('id-ann');
    expect((await shared.get('/cart')).body.cart).toBe('apples');
  });
});

describe('A regenerate() of the app that makes session ids itself', () => {
  it('is found out at the login, and nothing is begun', async () => {
    const owed: unknown[] = [];
    const built = await shimmed(
      (req) => {
        const { sessionStore, sessionID } = req;
        const store = sessionStore as Store & { generate(one: Request): void };
        const regenerate = (done: Done) =>
          store.destroy(sessionID, (error: unknown) => {
            store.generate(req);
            done(error);
          });
        Object.assign(req.session, { regenerate });
      },
      ({ app, passport }) => {
        app.post('/in', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
        app.use(appErrors);
      },
    );
    built.twoFactor.on('login.owed', (event) => owed.push(event));
    for (const username of ['ann', 'bob']) {
      const visitor = built.visitor();
      const refused = await visitor.post('/in', { username, password: 'right' }).expect(500);
      expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
      expect(refused.body.help).toContain('make it call the original one');
      expect(await userOf(visitor)).toBeNull();
    }
    expect(owed).toEqual([]);
  });
});

/** With the three methods that express-session's own documentation calls required, and nothing else. */
function bareStore(): Store {
  return Object.assign(new EventEmitter(), {
    get: (_sid: string, found: (error: unknown, session: null) => void) => found(null, null),
    set: (_sid: string, _session: unknown, finished?: Done) => finished?.(),
    destroy: (_sid: string, finished?: Done) => finished?.(),
  }) as unknown as Store;
}

describe('A session that has no store', () => {
  const passing: RequestHandler = (_req, _res, next) => next();
  const shimOf =
    (...names: readonly string[]): RequestHandler =>
    (req, _res, next) => {
      Object.assign(req.session, Object.fromEntries(names.map((name) => [name, (done: Done) => done()])));
      next();
    };
  const layers: Record<string, readonly RequestHandler[]> = {
    'cookie-session': [cookieSession({ name: 's', keys: ['k'] }), passing],
    'cookie-session with the usual shim': [
      cookieSession({ name: 's', keys: ['k'] }),
      shimOf('regenerate', 'save'),
    ],
    'an object with the functions of a session': [
      (req, _res, next) => {
        Object.assign(req, { session: { cookie: {} }, sessionID: 'one' });
        next();
      },
      shimOf('regenerate', 'save', 'destroy', 'reload', 'touch'),
    ],
    'a session without regenerate()': [
      session({ secret: 'test', resave: false, saveUninitialized: false }),
      (req, _res, next) => {
        Object.assign(req.session, { regenerate: undefined });
        next();
      },
    ],
    'a session without save()': [
      session({ secret: 'test', resave: false, saveUninitialized: false }),
      (req, _res, next) => {
        Object.assign(req.session, { save: undefined });
        next();
      },
    ],
    'a store that is none of express-session’s': [
      session({ secret: 'test', resave: false, saveUninitialized: false, store: bareStore() }),
    ],
    'a session whose id is no text': [
      session({ secret: 'test', resave: false, saveUninitialized: false }),
      (req, _res, next) => {
        Object.assign(req, { sessionID: undefined });
        next();
      },
    ],
  };

  it.each(Object.entries(layers))('is told to the app’s error handler: %s', async (_, layer) => {
    const built = await host({
      build: ({ app, express, passport, twoFactor }) => {
        app.use(express.json(), ...layer, passport.session());
        app.post('/early', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
        app.use(twoFactor.protect());
        app.post('/login', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
        app.use((req, res) => void res.json({ user: req.user ?? null }));
        app.use(appErrors);
      },
    });
    for (const username of ['ann', 'bob']) {
      const visitor = built.visitor();
      const refusals = [
        await visitor.post('/early', { username, password: 'right' }).expect(500),
        await visitor.post('/login', { username, password: 'right' }).expect(500),
        await visitor.get('/page').expect(500),
      ];
      for (const { body } of refusals) {
        expect(body).toEqual({
          appError: 'wrong_setup',
          help: expect.stringContaining('Use express-session with a store that extends its Store.'),
        });
      }
    }
  });
});

describe('protect() above express-session', () => {
  it('is told to the app’s error handler at the first request, with the cure', async () => {
    const errors: unknown[] = [];
    const built = await host({
      build: (one) => {
        one.app.use(one.twoFactor.protect());
        mountSession(one);
        usualRoutes(one);
        one.app.use(((error, _req, res, _next) => {
          errors.push(error);
          res.status(500).end();
        }) as ErrorRequestHandler);
      },
    });
    for (const path of ['/me', '/2fa', '/2fa/security']) await built.visitor().page(path).expect(500);
    await built.visitor().signIn('ann').expect(500);
    expect(errors).toHaveLength(4);
    for (const error of errors) {
      expect(error).toBeInstanceOf(SecondFactorError);
      expect(error).toMatchObject({ code: 'wrong_setup', help: expect.stringContaining('then protect()') });
    }
  });

  it('is told from a session store that is down: that is a 503', async () => {
    const state = { down: false, before: false };
    const store = new MemoryStore();
    const built = await host({
      session: { store },
      build: (one) => {
        const sessions = session({ secret: 'test', resave: false, saveUninitialized: false, store });
        const passportSession = one.passport.session() as RequestHandler;
        // An app that goes on without a session where it has none.
        one.app.use(
          (req, res, next) => void sessions(req, res, () => next()),
          (req, _res, next) => {
            if (state.down) Object.assign(req, { session: undefined });
            if (state.before) Object.assign(req, { sessionStore: undefined });
            next();
          },
          (req, res, next) => (req.session ? void passportSession(req, res, next) : next()),
        );
        one.app.use(one.twoFactor.protect());
        usualRoutes(one);
        one.app.use(appErrors);
      },
    });
    state.down = true;
    await built.visitor().get('/me').expect(503);
    state.down = false;
    await built.visitor().get('/me').expect(200);
    // express-session that knows its store to be down passes on without a trace.
    Object.assign(state, { down: true, before: true });
    const refused = await built.visitor().get('/me').expect(503);
    expect(refused.headers).toHaveProperty('retry-after');
  });

  it('says what to do where an app has sessions for some paths only', async () => {
    const errors: unknown[] = [];
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    const built = await host({
      build: (one) => {
        const parts = one.express.Router();
        parts.use(session({ secret: 'test', resave: false, saveUninitialized: false, store: one.store }));
        parts.use(one.passport.session());
        one.app.use('/app', parts);
        one.app.use(one.twoFactor.protect());
        one.app.get('/app/me', (req, res) => res.json({ user: req.user ?? null }));
        one.app.use(((error, _req, res, _next) => {
          errors.push(error);
          res.status(500).end();
        }) as ErrorRequestHandler);
      },
    });
    await built.visitor().get('/health').expect(500);
    await built.visitor().get('/app/me').expect(200);
    await built.visitor().get('/health').expect(503);
    const cure = expect.stringContaining('for some paths only');
    expect(errors).toMatchObject([{ help: cure }]);
    expect(warned.mock.calls).toMatchObject([[expect.any(String), { detail: cure }]]);
    warned.mockRestore();
  });
});

describe('A websocket handshake', () => {
  const handshake = (cookie = '') =>
    Object.assign(new IncomingMessage(new Socket()), {
      method: 'GET',
      url: '/socket',
      originalUrl: '/socket',
      headers: { cookie },
    }) as unknown as Request;
  const run = (handler: RequestHandler, req: Request, res: object) =>
    new Promise<unknown>((resolve) => {
      void handler(req, res as Response, resolve);
    });
  const opened = async (built: Host, cookie?: string) => {
    const req = handshake(cookie);
    const sessions = session({
      secret: 'test',
      resave: false,
      saveUninitialized: false,
      store: built.store,
    });
    expect(await run(sessions, req, {})).toBeUndefined();
    expect(await run(built.passport.session() as RequestHandler, req, {})).toBeUndefined();
    return req;
  };

  it.each([
    ['an empty response', {}],
    ['a response that is no response of Express', { end: () => undefined, setHeader: () => undefined }],
    ['one that only has locals', { locals: {} }],
  ])('that runs protect() with %s is told what to ask instead', async (_, res) => {
    const built = await host();
    const { cookie } = await signedInCookie(built);
    const req = await opened(built, cookie);
    for (const handler of [...built.twoFactor.protect(), built.twoFactor.sessionStep()]) {
      expect(await run(handler, req, res)).toMatchObject({
        code: 'wrong_setup',
        help: expect.stringContaining('statusFrom(req)'),
      });
    }
    expect(await built.twoFactor.statusFrom(req)).toMatchObject({ status: 'passed' });
  });

  it('has no status before it has a session, and says why', async () => {
    const built = await host();
    const asked = built.twoFactor.statusFrom(handshake());
    await expect(asked).rejects.toMatchObject({
      code: 'wrong_setup',
      help: expect.stringContaining('Mount express-session'),
    });
    const req = handshake();
    await run(cookieSession({ name: 's', keys: ['k'] }), req, {});
    await expect(built.twoFactor.statusFrom(req)).rejects.toMatchObject({ code: 'wrong_setup' });
  });

  it.each(['ann', 'bob'])('signs nobody in: %s', async (name) => {
    const built = await host();
    const req = await opened(built);
    const user = built.users.get(name) ?? {};
    const error = await new Promise((resolve) => {
      req.logIn(user, resolve);
    });
    expect(error).toMatchObject({ code: 'wrong_setup' });
    expect(req.user ?? null).toBeNull();
  });

  async function signedInCookie(built: Host): Promise<{ cookie: string }> {
    const agent = browser(built.app);
    await agent.signIn('ann').expect(401);
    built.clock.move(minutes);
    const passed = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    return { cookie: sessionCookie(passed) ?? '' };
  }
});
