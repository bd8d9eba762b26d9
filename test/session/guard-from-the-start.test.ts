import session, { MemoryStore } from 'express-session';
import { memoryAccounts, memoryPending } from '../../lib';
import { days, fakeClock, hours } from '../support/clock';
import { within } from '../support/within';
import { host, mountSession, sessionCookie, usualRoutes, type Host } from '../hosts/host';
import { loggedIn, userOf } from './people';
import { editSession, readSession, records, sidOf } from './session-data';

/** The sessions of several processes: each has a store object of its own. */
class SharedStore extends MemoryStore {
  constructor(sessions: object) {
    super();
    Object.assign(this, { sessions });
  }
}

function opening(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Two processes of one app, and the routes that stand above `protect()` in both. */
async function twoProcesses() {
  const shared = {
    accounts: memoryAccounts(),
    pending: memoryPending(),
  };
  const sessions = {};
  const slow = { arrived: opening(), released: opening() };
  const process = () =>
    host({
      options: shared,
      session: { store: new SharedStore(sessions) },
      build: (one) => {
        mountSession(one);
        const { app, twoFactor } = one;
        app.get('/early/slow', async (req, res) => {
          slow.arrived.open();
          await slow.released.opened;
          req.session.cart = 'late';
          res.end('slow');
        });
        app.post('/early/logout', (req, res, next) => {
          req.logout((error) => (error ? next(error) : res.json({ out: true })));
        });
        app.post('/early/destroy', (req, res, next) => {
          req.session.destroy((error) => (error ? next(error) : res.json({ out: true })));
        });
        app.use(twoFactor.protect());
        usualRoutes(one);
      },
    });
  return { old: await process(), started: await process(), slow };
}

const ask = (app: Host, path: string, cookie: string) => app.visitor().agent.post(path).set('Cookie', cookie);

describe('A process whose protect() has met no request yet', () => {
  it.each(['/early/logout', '/early/destroy'])('ends the record with the session: POST %s', async (path) => {
    const { old, started } = await twoProcesses();
    const { cookie, sid } = await loggedIn(old, 'ann');
    await ask(started, path, cookie).expect(200);
    expect(await records(old).read(sid)).toBeNull();
    expect(await readSession(old.store, sid)).toBeNull();
  });

  it.each(['/early/logout', '/early/destroy'])(
    'writes no session back that another one ended meanwhile: POST %s',
    async (path) => {
      const { old, started, slow } = await twoProcesses();
      const { cookie, sid } = await loggedIn(old, 'ann');
      const late = started
        .visitor()
        .agent.get('/early/slow')
        .set('Cookie', cookie)
        .then((answer) => answer);
      await within(5_000, 'the slow request', slow.arrived.opened);
      await ask(old, path, cookie).expect(200);
      slow.released.open();
      await late;
      expect(await readSession(old.store, sid)).toBeNull();
    },
  );

  it('guards a store that a login is the first to meet, where passport.session() is not in the way', async () => {
    const store = new MemoryStore();
    const built = await host({
      session: { store },
      build: ({ app, express, passport, users }) => {
        const sessions = session({ secret: 'test', resave: false, saveUninitialized: false, store });
        app.use(express.json(), sessions, passport.initialize());
        app.post('/in', (req, res, next) => {
          req.logIn(users.get('bob') ?? {}, (error: unknown) =>
            error ? next(error) : res.json({ in: true }),
          );
        });
        app.post('/out', (req, res, next) => {
          req.session.destroy((error: unknown) => (error ? next(error) : res.json({ out: true })));
        });
      },
    });
    const cookie = sessionCookie(await built.visitor().post('/in').expect(200)) ?? '';
    expect(await records(built).read(sidOf(cookie))).not.toBeNull();
    await ask(built, '/out', cookie).expect(200);
    expect(await records(built).read(sidOf(cookie))).toBeNull();
  });
});

describe('A session that is older than the installation', () => {
  it.each([0, 3 * hours, 29 * days, 399 * days])(
    'is not adopted again, %i ms after it was signed out and written back without its mark',
    async (ms) => {
      const clock = fakeClock();
      const built = await host({ clock });
      const { agent, sid, cookie } = await loggedIn(built, 'bob');
      await records(built).remove(sid);
      await editSession(built.store, sid, (stored) => delete stored.secondFactor);
      const older = JSON.stringify(await readSession(built.store, sid));
      expect(await userOf(agent)).toBe('id-bob');
      await agent.signOut().expect(200);
      clock.move(ms);
      await new Promise((resolve) => {
        built.store.set(sid, JSON.parse(older), resolve);
      });
      const { body } = await built.visitor().get('/me', 'image/*').set('Cookie', cookie);
      expect(body.user).toBeNull();
      expect(await readSession(built.store, sid)).toBeNull();
    },
  );
});
