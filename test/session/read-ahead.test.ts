import { RedisStore } from 'connect-redis';
import express from 'express';
import session, { MemoryStore } from 'express-session';
import Redis from 'ioredis';
import { Passport, type PassportStatic } from 'passport';
import { memoryAccounts, memoryPending, secondFactor, type Pending } from '../../lib';
import { redisPending } from '../../lib/redis';
import { browser, errorCode, type BrowserAgent } from '../support/browser-agent';
import { fakeClock, minutes, seconds } from '../support/clock';
import { describeIf } from '../support/needs';
import { intercepted, overridePending } from '../support/override';
import { REDIS_OPTIONS, startRedis, type OwnServer } from '../support/servers';
import { host, people, preparePassport, type Host, type Shape } from '../hosts/host';
import { loggedIn, userOf } from './people';
import { editSession, readSession, records } from './session-data';

/** What was asked of the stores since the last `take()`, in the order in which it was. */
function overheard() {
  let asked: string[] = [];
  const clock = fakeClock();
  class Sessions extends MemoryStore {
    override get(...given: Parameters<MemoryStore['get']>): void {
      asked.push('session');
      super.get(...given);
    }
  }
  const pending = intercepted(memoryPending({ now: clock.now }), (call, name, given) => {
    const slides = name === 'read' && typeof given[1] === 'number';
    if (name === 'read') asked.push(slides ? 'record, extended' : 'record or number');
    return call();
  });
  const accounts = intercepted(memoryAccounts(), (call, name) => {
    if (name === 'load') asked.push('account');
    return call();
  });
  const take = (): string[] => {
    const taken = asked;
    asked = [];
    return taken;
  };
  return { clock, store: new Sessions(), pending, accounts, take };
}

/** Two minutes after a sign-in, when the epoch is cached, and the process has seen the session. */
async function seen(shape: Shape = {}, around: (pending: Pending) => Pending = (pending) => pending) {
  const ears = overheard();
  const built = await host({
    ...shape,
    clock: ears.clock,
    session: { ...shape.session, store: ears.store },
    options: { pending: around(ears.pending), accounts: ears.accounts, ...shape.options },
  });
  const { agent, sid, cookie } = await loggedIn(built, 'ann');
  ears.clock.move(3 * minutes);
  expect(await userOf(agent)).toBe('id-ann');
  ears.take();
  return { built, agent, sid, cookie, take: ears.take };
}

const ahead = ['record or number', 'record or number', 'session'];
const asToday = ['session', 'record, extended', 'record or number'];

describe('Record and number of a session that was seen before', () => {
  it('are asked for together with it, and nothing is asked after', async () => {
    const { agent, take } = await seen();
    expect(await userOf(agent)).toBe('id-ann');
    expect(take()).toEqual(ahead);
  });

  it('are extended once a minute, with minutes to spare', async () => {
    const { built, agent, sid, take } = await seen({ session: { cookie: { maxAge: 30 * minutes } } });
    built.clock.move(61 * seconds);
    await userOf(agent);
    // The number is as old, and is made anew.
    expect(take()).toEqual([...asToday, 'account']);
    built.clock.move(59 * seconds);
    await userOf(agent);
    expect(take()).toEqual(ahead);
    built.clock.move(30 * minutes + 59 * seconds);
    expect(await records(built).read(sid)).not.toBeNull();
  });

  it('are asked for after it where a clock was put back, so that a record never ends before its session', async () => {
    const { built, agent, take } = await seen();
    built.clock.move(-2 * minutes);
    await userOf(agent);
    expect(take()).toEqual(asToday);
  });

  it('are as they are now: a record that was removed signs its browser out', async () => {
    const { built, agent, sid } = await seen();
    await records(built).remove(sid);
    expect(await userOf(agent)).toBeNull();
  });

  it('are as they are now: sign-out everywhere ends the next request', async () => {
    const { built, agent } = await seen();
    await built.twoFactor.signOutEverywhere('id-ann');
    expect(await userOf(agent)).toBeNull();
  });

  it('are of the user who is in the session by then, and of nobody else', async () => {
    const { built, agent, sid } = await seen();
    await editSession(built.store, sid, (stored) => {
      stored.passport = { user: 'id-bob' };
    });
    expect(await userOf(agent)).toBeNull();
  });

  it('are asked for again where the app has given the session another life', async () => {
    const { built, agent, sid, take } = await seen({ session: { cookie: { maxAge: 30 * minutes } } });
    await editSession(built.store, sid, (stored) => {
      stored.cookie.originalMaxAge = 8 * 60 * minutes;
    });
    take();
    expect(await userOf(agent)).toBe('id-ann');
    expect(take()).toEqual([...ahead, 'record, extended', 'record or number']);
  });

  it('do not count where the session has lost its mark: that is looked into', async () => {
    const { built, agent, sid, take } = await seen();
    await editSession(built.store, sid, (stored) => {
      delete stored.secondFactor;
    });
    take();
    expect(await userOf(agent)).toBe('id-ann');
    expect(take()).toContain('record, extended');
  });

  /** Reading ahead is what reads a record without extending it. */
  const readingAhead =
    (read: () => Promise<never> | null) =>
    (pending: Pending): Pending =>
      overridePending(pending, {
        logins: {
          read: (key, slideTo) => (slideTo === null ? read() : null) ?? pending.logins.read(key, slideTo),
        },
      });

  it('are asked for again where the first answer is a failure', async () => {
    let fails = false;
    const { agent } = await seen(
      {},
      readingAhead(() => (fails ? Promise.reject(new Error('gone')) : null)),
    );
    fails = true;
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('are waited for no longer than a request may wait', async () => {
    let hangs = false;
    const { agent } = await seen(
      { options: { deadline: 200 } },
      readingAhead(() => (hangs ? new Promise(() => undefined) : null)),
    );
    hangs = true;
    expect(errorCode(await agent.get('/me').expect(503))).toBe('unavailable');
    hangs = false;
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('are not those of a moment long ago, where something above has kept the request', async () => {
    let arrive: () => void = () => undefined;
    let leave: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const left = new Promise<void>((resolve) => (leave = resolve));
    const { built, agent, sid } = await seen({
      aboveStep: ({ app }) => {
        app.use('/slow', (_req, _res, next) => {
          arrive();
          void left.then(() => next());
        });
      },
      routes: ({ app }) => void app.get('/slow', (req, res) => void res.json({ user: req.user ?? null })),
    });
    const answer = agent.get('/slow').then(({ body }: { body: { user: unknown } }) => body.user);
    await arrived;
    await records(built).remove(sid);
    await new Promise((resolve) => setTimeout(resolve, 600));
    leave();
    expect(await answer).toBeNull();
  });

  it.each([
    ['signOutEverywhere', ({ twoFactor }: Host) => twoFactor.signOutEverywhere('id-ann')],
    ['forget', ({ twoFactor }: Host) => twoFactor.forget('id-ann')],
    [
      'destroy of the session store',
      ({ store }: Host, sid: string) => new Promise<void>((done) => store.destroy(sid, () => done())),
    ],
  ])('do not count where the app ends the login in the same request, above protect(): %s', async (_, end) => {
    let isBanned = false;
    const { agent } = await seen({
      aboveStep: (built) => {
        built.app.use((req, _res, next) => {
          if (isBanned) void Promise.resolve(end(built, req.sessionID)).then(() => next(), next);
          else next();
        });
      },
    });
    isBanned = true;
    const { body } = await agent.get('/me', 'image/*').expect(200);
    expect((body as { twoFactor: { status: string } }).twoFactor.status).toBe('none');
  });

  it('are asked for by each of two objects that one session belongs to', async () => {
    const { built, agent, take } = await seen({
      aboveStep: ({ app, options, clock }) => {
        const other = new Passport() as unknown as PassportStatic;
        Object.assign((other as unknown as { _sm: object })._sm, { _key: 'staff' });
        preparePassport(other, people());
        const staff = secondFactor({
          ...options,
          passport: other,
          pending: memoryPending({ now: clock.now }),
        });
        app.use('/staff', other.session(), staff.protect());
      },
    });
    expect(await userOf(agent)).toBe('id-ann');
    expect(take()).toEqual(ahead);
    await agent.get('/staff/me').expect(404);
    await built.twoFactor.signOutEverywhere('id-ann');
    expect(await userOf(agent)).toBeNull();
  });
});

it('What is known of a request is made when it is asked for, and is of this request alone', async () => {
  const { agent } = await seen({
    routes: (built) => {
      built.app.get('/spoil', (req, res) => {
        const { proofs, amr } = req.twoFactor ?? { proofs: [], amr: [] };
        for (const proof of proofs) Object.assign(proof, { type: 'webauthn', at: 0 });
        (amr as string[]).length = 0;
        res.json({ same: req.twoFactor === req.twoFactor, there: 'twoFactor' in req });
      });
    },
  });
  const before = (await agent.get('/me').expect(200)).body.twoFactor as unknown;
  expect((await agent.get('/spoil').expect(200)).body).toEqual({ same: true, there: true });
  expect((await agent.get('/me').expect(200)).body.twoFactor).toEqual(before);
  expect(before).toMatchObject({ status: 'passed', proofs: [{ type: 'totp' }], amr: ['otp', 'mfa'] });
});

describe('A session store that is read ahead of', () => {
  it('gives a promise to whoever asks it without a callback, as before', async () => {
    class Promising extends MemoryStore {
      override get(sid: string, done?: Parameters<MemoryStore['get']>[1]): void {
        const found = new Promise((resolve) => super.get(sid, (_error, data) => resolve(data)));
        // As connect-redis does.
        return (done ? void found.then((data) => done(null, data as never)) : found) as void;
      }
    }
    const built = await host({ session: { store: new Promising() } });
    const { agent, sid } = await loggedIn(built, 'ann');
    await userOf(agent);
    const store = built.store as unknown as { get(sid: string): Promise<object> };
    expect(await store.get(sid)).toMatchObject({ passport: { user: 'id-ann' } });
  });

  it('is guarded as well where it is made from a guarded one', async () => {
    const base = new MemoryStore();
    const first = await host({ session: { store: base } });
    await loggedIn(first, 'ann');
    const derived = Object.create(base) as MemoryStore;
    Object.assign(derived, { destroy: MemoryStore.prototype.destroy, set: MemoryStore.prototype.set });
    const built = await host({ session: { store: derived } });
    const { agent, sid } = await loggedIn(built, 'ann');
    await records(built).remove(sid);
    await new Promise<void>((done) => derived.set(sid, { secondFactor: 1 } as never, () => done()));
    expect(await readSession(derived, sid)).toBeNull();
    expect(await userOf(agent)).toBeNull();
  });
});

describeIf('redis', 'With sessions and pending state in one Redis', () => {
  let server: OwnServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url, { ...REDIS_OPTIONS, enableOfflineQueue: true, enableAutoPipelining: true });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const arrivals = async (work: () => Promise<unknown>): Promise<number> => {
    const read = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const before = await read();
    await work();
    return (await read()) - before;
  };

  it('nothing more arrives there for a gated request than for the same app without us', async () => {
    const bare = express();
    const store = (prefix: string) => new RedisStore({ client: redis, prefix });
    const passport = new Passport() as unknown as PassportStatic;
    preparePassport(passport, people());
    bare.use(
      express.json(),
      session({ secret: 'test', resave: false, saveUninitialized: false, store: store('bare:') }),
      passport.session(),
    );
    bare.post('/login', passport.authenticate('local'), (req, res) => void res.json({ user: req.user }));
    bare.get('/me', (req, res) => void res.json({ user: req.user }));
    const plain = browser(bare);
    await plain.signIn('bob').expect(200);

    const clock = fakeClock();
    const built = await host({
      clock,
      session: { store: store('ours:') },
      options: { pending: redisPending(redis, { prefix: 'pending:' }) },
    });
    const { agent } = await loggedIn(built, 'ann');
    await userOf(agent);

    const times = async (who: BrowserAgent) => {
      for (let request = 0; request < 5; request++) expect(await userOf(who)).not.toBeNull();
    };
    expect(await arrivals(() => times(agent))).toBe(await arrivals(() => times(plain)));
  });

  it('a store of the app’s that replaces one of ours is asked, not the one it replaces', async () => {
    const pending = redisPending(redis, { prefix: 'parts:' });
    const clock = fakeClock();
    const { epochs } = memoryPending({ now: clock.now });
    const built = await host({ clock, options: { pending: { ...pending, epochs } } });
    const { agent } = await loggedIn(built, 'ann');
    clock.move(3 * minutes);
    expect(await userOf(agent)).toBe('id-ann');
    expect(await userOf(agent)).toBe('id-ann');
    expect(await redis.keys('parts:epoch:*')).toEqual([]);
    await built.twoFactor.signOutEverywhere('id-ann');
    expect(await userOf(agent)).toBeNull();
  });
});
