import { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { Passport, type PassportStatic } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { memoryAccounts, memoryPending, secondFactor } from '../../lib';
import { browser, errorCode } from '../support/browser-agent';
import { fakeClock } from '../support/clock';
import { host } from '../hosts/host';
import { hostApp, origin, type TestUser } from '../support/host-app';

const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** Another Passport with users, accounts and records of its own, in the session of the app around it. */
async function staff(now: () => number) {
  const passport = new Passport() as unknown as PassportStatic;
  Object.assign((passport as unknown as { _sm: object })._sm, { _key: 'staff' });
  const eve: TestUser = { id: 'id-eve', name: 'eve@example.com' };
  passport.use(new LocalStrategy((_name, password, done) => done(null, password === 'right' ? eve : false)));
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((_id, done) => done(null, eve));
  const twoFactor = secondFactor<TestUser>({
    passport,
    appName: 'Staff',
    origin,
    keys: ['22'.repeat(32)],
    users: { id: (user) => user.id, name: (user) => user.name },
    accounts: memoryAccounts(),
    pending: memoryPending({ now }),
    now,
  });
  expect(await twoFactor.importFactor('id-eve', { type: 'totp', secret: seed, label: 'App' })).toMatchObject({
    ok: true,
  });
  const app = express.Router();
  app.use(passport.session(), twoFactor.protect());
  app.post('/login', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
  app.post('/token', passport.authenticate('local', { session: false }), (req, res) => res.json(req.user));
  app.get('/me', (req, res) => res.json({ user: req.user ?? null }));
  return app;
}

describe('What is known of a request', () => {
  it('is asked of the stores of the object that asks, where two meet in one request', async () => {
    const clock = fakeClock();
    const inner = await staff(clock.now);
    const { app } = hostApp({ clock }, (outer) => outer.use('/staff', inner));
    const eve = browser(app);
    const login = { username: 'eve', password: 'right' };
    expect(errorCode(await eve.post('/staff/login', login).expect(401))).toBe('second_factor_required');
    expect((await eve.get('/staff/me')).body.user ?? null).toBeNull();
    expect((await browser(app).post('/staff/token', login)).status).not.toBe(200);
  });

  it('is the same for no two requests, whatever the prototype of objects was given', async () => {
    const { app } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const polluted = { scope: null, loginState: undefined, mount: '' };
    // That of the server's objects: tests have one of their own.
    let everything: object = IncomingMessage.prototype;
    for (let up: unknown = everything; up; up = Object.getPrototypeOf(up)) everything = up;
    try {
      Object.assign(everything, { secondFactorState: polluted });
      await ann.get('/me').expect(200);
      expect(polluted).toEqual({ scope: null, loginState: undefined, mount: '' });
    } finally {
      Reflect.deleteProperty(everything, 'secondFactorState');
    }
  });
});

const status: RequestHandler = (req, res) => void res.json(req.twoFactor?.status ?? null);

describe('req.twoFactor', () => {
  it('is there in an app mounted below protect(), and behind the app that has it', async () => {
    const [outer, inner] = [express(), express()];
    const { app } = hostApp({}, (below) => below.use(inner));
    inner.get('/inner', status);
    outer.use(app);
    outer.get('/behind', status);
    const ann = browser(outer);
    await ann.signIn('ann').expect(200);
    for (const path of ['/inner', '/behind']) expect((await ann.get(path).expect(200)).body).toBe('exempt');
  });

  it('hides what was put there above protect(); what the app puts there below stays', async () => {
    const mine: RequestHandler = (req, _res, next) => {
      Object.assign(req, { twoFactor: { status: 'mine' } });
      next();
    };
    const built = await host({
      aboveStep: ({ app }) => app.use(mine),
      routes: ({ app }) => app.get('/above', status).get('/below', mine, status),
    });
    const ann = await built.signedIn();
    expect((await ann.get('/above').expect(200)).body).toBe('passed');
    expect((await ann.get('/below').expect(200)).body).toBe('mine');
  });
});
