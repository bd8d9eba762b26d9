import express, { type Express } from 'express';
import session, { MemoryStore } from 'express-session';
import { Passport, type PassportStatic } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import {
  memoryAccounts,
  memoryPending,
  secondFactor,
  type SecondFactor,
  type SecondFactorOptions,
} from '../../lib';
import { fakeClock, type FakeClock } from './clock';

export interface TestUser {
  readonly id: string;
  readonly name: string;
}

export const testKey = '11'.repeat(32);
export const origin = 'http://localhost:3000';

export interface HostApp {
  readonly app: Express;
  readonly passport: PassportStatic;
  readonly twoFactor: SecondFactor<TestUser>;
  readonly clock: FakeClock;
  readonly sessions: MemoryStore;
  readonly options: SecondFactorOptions<TestUser>;
  /** Users who may sign in; delete one to make it disappear. */
  readonly users: Map<string, TestUser>;
}

/** A small typical app, with a stopped clock: every password is `right`. */
export function hostApp(
  given: Partial<SecondFactorOptions<TestUser>> & {
    clock?: FakeClock;
    session?: session.SessionOptions;
    /** Used instead of `secondFactor`. */
    make?: typeof secondFactor;
  } = {},
  routes: (app: Express, twoFactor: SecondFactor<TestUser>) => void = () => undefined,
): HostApp {
  const {
    clock = fakeClock(),
    session: sessionOptions = {} as Partial<session.SessionOptions>,
    make = secondFactor,
    ...rest
  } = given;
  const passport = new Passport() as unknown as PassportStatic;
  const users = new Map(
    ['ann', 'bob', 'cyd'].map((name) => [name, { id: `id-${name}`, name: `${name}@example.com` }]),
  );
  passport.use(
    new LocalStrategy((name, password, done) => {
      done(null, password === 'right' ? (users.get(name) ?? false) : false);
    }),
  );
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((id, done) =>
    done(null, [...users.values()].find((user) => user.id === id) ?? false),
  );

  const options: SecondFactorOptions<TestUser> = {
    passport,
    appName: 'Test App',
    origin,
    keys: [testKey],
    users: { id: (user) => user.id, name: (user) => user.name },
    accounts: memoryAccounts(),
    pending: memoryPending({ now: clock.now }),
    now: clock.now,
    ...rest,
  };
  const twoFactor = make<TestUser>(options);
  const sessions = (sessionOptions.store as MemoryStore | undefined) ?? new MemoryStore();
  const app = express();
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.use(
    session({ secret: 'test', resave: false, saveUninitialized: false, ...sessionOptions, store: sessions }),
  );
  app.use(passport.session());
  app.use(twoFactor.protect({ signOut: '/logout' }));
  routes(app, twoFactor);
  app.post('/login', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
  app.post('/logout', (req, res, next) =>
    req.logout((error) => (error ? next(error) : res.json({ out: true }))),
  );
  app.get('/me', (req, res) => res.json({ user: req.user ?? null, twoFactor: req.twoFactor }));
  app.get('/billing', twoFactor.requireProof({ within: '5m' }), (_req, res) => res.json({ billing: true }));
  return { app, passport, twoFactor, clock, sessions, options, users };
}
