import express, { type Express } from 'express';
import session, { MemoryStore, type SessionOptions, type Store } from 'express-session';
import { RedisStore } from 'connect-redis';
import request, { type Test } from 'supertest';
import { memoryPending, type Pending } from '../../lib';
import { loginKeyOf } from '../../lib/crypto/digest';
import { redisPending } from '../../lib/redis';
import { origin } from '../support/host-app';
import { describeIf } from '../support/needs';
import { freshRedis, type FreshRedis } from '../support/servers';
import { within } from '../support/within';
import { host, sessionCookie } from '../hosts/host';
import { sidOf, readSession } from './session-data';

interface Stores {
  readonly sessions: Store;
  readonly pending: Pending;
}

const settings: readonly [string, Partial<SessionOptions>][] = [
  ['resave: false', {}],
  ['maxAge', { cookie: { maxAge: 3_600_000 } }],
  ['rolling', { rolling: true, cookie: { maxAge: 3_600_000 } }],
  ['resave: true', { resave: true }],
];
const writes = ['reads', 'writes', 'writes and streams'] as const;
const events = ['second factor', 'step-up', 'logout', 'destroy'] as const;
const paths = {
  'second factor': '/2fa/totp',
  'step-up': '/2fa/totp',
  logout: '/logout',
  destroy: '/destroy',
} as const;
const cases = settings.flatMap(([name, options]) =>
  writes.flatMap((write) => events.map((event) => ({ name, options, write, event }))),
);

/** A door that a slow request waits at. */
function door() {
  let arrive: () => void = () => undefined;
  let open: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { arrived, opened, arrive, open };
}

/** An app with a slow route, and a second app on the same session store that knows nothing of us. */
async function twoApps({ sessions, pending }: Stores, options: Partial<SessionOptions>) {
  const slow = door();
  const built = await host({
    options: { pending },
    session: { ...options, store: sessions },
    routes: ({ app }) => {
      app.get('/slow', async (req, res) => {
        if (req.query.do === 'writes and streams') res.write('first ');
        slow.arrive();
        await slow.opened;
        if (req.query.do !== 'reads') req.session.cart = 'late';
        res.end('slow');
      });
      app.post('/destroy', (req, res, next) => {
        req.session.destroy((error) => (error ? next(error) : res.json({ out: true })));
      });
    },
  });
  const raw = express();
  raw.use(
    session({ secret: 'test', resave: false, saveUninitialized: false, ...options, store: sessions }),
    built.passport.session(),
    (req, res) => {
      res.json({ user: req.user ?? null });
    },
  );
  return { built, raw, slow };
}

/** With the cookie given; `image/*` is what the gate lets pass while a half login is open. */
const get = (app: Express, path: string, Cookie: string) =>
  request(app).get(path).set({ Accept: 'image/*', Cookie });
const post = (app: Express, path: string, Cookie: string, body: object = {}) =>
  request(app).post(path).set({ Accept: 'application/json', Origin: origin, Cookie }).send(body);
const userIn = async (answer: Test): Promise<string | undefined> =>
  ((await answer).body as { user: { id: string } | null }).user?.id;

function parallelRequests(stores: () => Stores): void {
  it.each(cases)(
    'a request that $write stays out after $event (with $name)',
    async ({ options, write, event }) => {
      const { built, raw, slow } = await twoApps(stores(), options);
      const { app, code } = built;
      const login = await post(app, '/login', '', { username: 'ann', password: 'right' });
      let cookie = sessionCookie(login) ?? '';
      if (event !== 'second factor') {
        cookie = sessionCookie(await post(app, '/2fa/totp', cookie, { code: code('ann') })) ?? '';
      }

      const late = get(app, `/slow?do=${encodeURIComponent(write)}`, cookie).then((answer) => answer);
      await within(5_000, 'the slow request', slow.arrived);
      const done = await post(app, paths[event], cookie, { code: code('ann') }).expect(200);
      slow.open();
      expect((await late).text).toMatch(/slow$/);

      expect(await userIn(get(raw, '/', cookie))).toBeUndefined();
      const { body } = await get(app, '/me', cookie).expect(200);
      expect(body).toMatchObject({ user: null, twoFactor: { status: 'none' } });
      const own = sessionCookie(done) ?? '';
      const due = event === 'second factor' || event === 'step-up' ? 'id-ann' : undefined;
      expect([await userIn(get(app, '/me', own)), await userIn(get(raw, '/', own))]).toEqual([due, due]);
    },
  );
}

describe('A session in memory that ended while a request was on its way', () => {
  parallelRequests(() => ({ sessions: new MemoryStore(), pending: memoryPending() }));
});

describeIf('redis', 'A session in Redis that ended while a request was on its way', () => {
  let fresh: FreshRedis;
  beforeAll(async () => {
    fresh = await freshRedis();
  });
  afterAll(() => fresh.close());

  parallelRequests(() => ({
    sessions: new RedisStore({ client: fresh.redis, prefix: `${fresh.prefix}session:` }),
    pending: redisPending(fresh.redis, { prefix: `${fresh.prefix}2fa:` }),
  }));
});

describe('The guard on the session store', () => {
  const passed = async () => {
    const built = await host();
    const agent = built.visitor();
    await agent.signIn('ann').expect(401);
    const cookie = sessionCookie(await agent.post('/2fa/totp', { code: built.code('ann') })) ?? '';
    return { built, agent, cookie, sid: sidOf(cookie) };
  };
  const destroy = (store: Store, sid: string): Promise<unknown> =>
    new Promise((resolve) => {
      store.destroy(sid, resolve);
    });

  it('removes the record before the session', async () => {
    const { built, sid } = await passed();
    const order: string[] = [];
    const { pending } = built.options;
    const remove = pending.logins.remove.bind(pending.logins);
    jest.spyOn(pending.logins, 'remove').mockImplementation(async (key) => {
      order.push((await readSession(built.store, sid)) ? 'session is there' : 'session is gone');
      return remove(key);
    });
    await destroy(built.store, sid);
    expect(order).toEqual(['session is there']);
    expect(await readSession(built.store, sid)).toBeNull();
    expect(await pending.logins.has(loginKeyOf(sid))).toBe(false);
  });

  it('leaves the session alone while its record cannot be removed', async () => {
    const { built, agent, sid } = await passed();
    const down = jest.spyOn(built.options.pending.logins, 'remove').mockRejectedValue(new Error('down'));
    expect(await destroy(built.store, sid)).toMatchObject({ code: 'unavailable' });
    down.mockRestore();
    expect((await agent.get('/me').expect(200)).body.user).toMatchObject({ id: 'id-ann' });
  });

  it('says so to a sign-out that it could not finish, and nobody is signed in after it', async () => {
    const { built, agent } = await passed();
    const down = jest.spyOn(built.options.pending.logins, 'remove').mockRejectedValue(new Error('down'));
    await agent.signOut().expect(503);
    down.mockRestore();
    expect((await agent.get('/me').expect(200)).body.user).toBeNull();
  });

  it('asks nothing for a session that no login was ever in', async () => {
    const built = await host({
      routes: ({ app }) => {
        app.get('/cart', (req, res) => {
          req.session.cart = 'apples';
          res.json({ ok: true });
        });
      },
    });
    const asked = jest.spyOn(built.options.pending.logins, 'has');
    await built.visitor().get('/cart').expect(200);
    expect(asked).not.toHaveBeenCalled();
  });

  it('asks nothing about the session that a login has just made', async () => {
    const built = await host();
    const asked = jest.spyOn(built.options.pending.logins, 'has');
    const agent = built.visitor();
    await agent.signIn('ann').expect(401);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(asked).not.toHaveBeenCalled();
  });

  it('gives a promise to whoever ends or writes a session without a callback, where one may wait for it', async () => {
    const { built, sid } = await passed();
    const store = built.store as unknown as Record<'set' | 'destroy', (...given: unknown[]) => Promise<void>>;
    const stored = await readSession(built.store, sid);
    await store.destroy(sid);
    expect(await readSession(built.store, sid)).toBeNull();
    await store.set(sid, stored);
    expect(await readSession(built.store, sid)).toBeNull();
    jest.spyOn(built.options.pending.logins, 'read').mockRejectedValue(new Error('down'));
    await expect(store.destroy(sid)).rejects.toMatchObject({ code: 'unavailable' });
    // Nobody has to look at it: a rejection that nobody handles would end the process.
    void store.destroy(sid);
    await new Promise(setImmediate);
  });

  it('is put on once, however many apps and requests share the store', async () => {
    const { built, agent, sid } = await passed();
    for (let time = 0; time < 5; time++) await agent.get('/me').expect(200);
    const { set, destroy: destroyed } = built.store;
    await host({ session: { store: built.store }, options: { pending: built.options.pending } });
    await agent.get('/me').expect(200);
    expect([built.store.set, built.store.destroy]).toEqual([set, destroyed]);
    const removed = jest.spyOn(built.options.pending.logins, 'remove');
    await destroy(built.store, sid);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('tells a save that came too late nothing: the app has no error of it', async () => {
    const { built, sid } = await passed();
    const stored = await readSession(built.store, sid);
    await destroy(built.store, sid);
    if (!stored) throw new Error('there was no session');
    const error = await new Promise((resolve) => {
      built.store.set(sid, stored, resolve);
    });
    expect(error).toBeUndefined();
    expect(await readSession(built.store, sid)).toBeNull();
  });

  it('lets two twoFactor objects share a store, each with its own records', async () => {
    const store = new MemoryStore();
    const [staff, customers] = [await host({ session: { store } }), await host({ session: { store } })];
    for (const built of [staff, customers]) {
      const agent = built.visitor();
      await agent.signIn('ann').expect(401);
      await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect((await agent.get('/me')).body.user).toMatchObject({ id: 'id-ann' });
      await agent.signOut().expect(200);
      expect((await agent.get('/me')).body.user).toBeNull();
    }
  });
});
