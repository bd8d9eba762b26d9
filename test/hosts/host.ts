import expressFive, { type ErrorRequestHandler, type Express } from 'express';
import session, { MemoryStore, type SessionOptions, type Store } from 'express-session';
import { Passport as PassportSeven, type InitializeOptions, type PassportStatic } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import type { Response } from 'supertest';
import {
  memoryAccounts,
  memoryPending,
  secondFactor,
  type GateOptions,
  type SecondFactor,
  type SecondFactorOptions,
} from '../../lib';
import { browser, codeAt, type BrowserAgent } from '../support/browser-agent';
import { fakeClock, seconds, type FakeClock } from '../support/clock';
import { origin, testKey, type TestUser } from '../support/host-app';

declare module 'express-session' {
  interface SessionData {
    /** What the apps of these tests keep in a session. */
    cart?: string;
  }
}

export type ExpressModule = typeof expressFive;
export type PassportClass = new () => PassportStatic;

/** The versions an app may have; `jest.requireActual` gives the aliases their types. */
export const express4 = jest.requireActual<ExpressModule>('express4');
export const Passport6 = jest.requireActual<{ Passport: PassportClass }>('passport6').Passport;
export const Passport7 = PassportSeven as unknown as PassportClass;

/** The seeds of those users who have an authenticator app. Bob has none. */
export const seeds = {
  ann: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  cyd: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
} as const;

export interface Host {
  readonly app: Express;
  readonly express: ExpressModule;
  readonly passport: PassportStatic;
  readonly twoFactor: SecondFactor<TestUser>;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly options: SecondFactorOptions<TestUser>;
  readonly users: Map<string, TestUser>;
  /** A code of this user's app that was not used before: the clock moves on by a step. */
  code(name: keyof typeof seeds): string;
  visitor(): BrowserAgent;
  /** A browser that has passed both factors. */
  signedIn(name?: keyof typeof seeds): Promise<BrowserAgent>;
}

type Routes = (host: Host) => void;

export const people = (): Map<string, TestUser> =>
  new Map(['ann', 'bob', 'cyd'].map((name) => [name, { id: `id-${name}`, name: `${name}@example.com` }]));

/** An app of some shape. Each part has a default: the shape of most apps. */
export interface Shape {
  express?: ExpressModule;
  Passport?: PassportClass;
  options?: Partial<SecondFactorOptions<TestUser>>;
  session?: Partial<SessionOptions>;
  clock?: FakeClock;
  /** Below the body parsers, above the session. */
  aboveSession?: Routes;
  /** Below `passport.session()`, above `protect()`. */
  aboveStep?: Routes;
  /** What `protect()` takes. */
  gate?: GateOptions;
  routes?: Routes;
  /** In place of all of the app: body parsers, session, Passport, `protect()` and routes. */
  build?: Routes;
  /** `secondFactor()` is called when every route is there already. */
  constructLast?: boolean;
}

export const serialized = (user: unknown): string => (user as TestUser).id;

export const passwordStrategy = (users: Map<string, TestUser>): LocalStrategy =>
  new LocalStrategy((name, password, done) => {
    done(null, password === 'right' ? (users.get(name) ?? false) : false);
  });

export function preparePassport(passport: PassportStatic, users: Map<string, TestUser>): void {
  passport.use(passwordStrategy(users));
  passport.serializeUser((user, done) => done(null, serialized(user)));
  passport.deserializeUser((id, done) =>
    done(null, [...users.values()].find((user) => user.id === id) ?? false),
  );
}

/** Body parsers, session, Passport: what stands above `protect()` in most apps. */
export function mountSession(
  { app, express, passport, store }: Host,
  options: Partial<SessionOptions> = {},
  initialize: InitializeOptions = {},
): void {
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.use(
    session({ secret: 'test', resave: false, saveUninitialized: false, ...options, store }),
    passport.initialize(initialize),
    passport.session(),
  );
}

/** Sign in, sign out, and say who one is. */
export function usualRoutes({ app, passport, twoFactor }: Host): void {
  app.post('/login', passport.authenticate('local'), (req, res) => {
    res.json({ user: req.user });
  });
  app.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.json({ out: true })));
  });
  app.get('/me', (req, res) => {
    res.json({ user: req.user ?? null, twoFactor: req.twoFactor });
  });
  app.get('/whoami.png', (req, res) => {
    res.json({ user: req.user ?? null, authenticated: req.isAuthenticated() });
  });
  app.get('/billing', twoFactor.requireProof({ within: '5m' }), (_req, res) => {
    res.json({ billing: true });
  });
}

/** Ann and Cyd have an authenticator app, Bob has not; every password is `right`. */
export async function host(shape: Shape = {}): Promise<Host> {
  const { express = expressFive, Passport = Passport7, clock = fakeClock() } = shape;
  const passport = new Passport();
  const users = people();
  preparePassport(passport, users);
  const options: SecondFactorOptions<TestUser> = {
    passport,
    appName: 'Test App',
    origin,
    keys: [testKey],
    users: { id: (user) => user.id, name: (user) => user.name },
    accounts: memoryAccounts(),
    pending: memoryPending({ now: clock.now }),
    now: clock.now,
    ...shape.options,
  };
  let made: SecondFactor<TestUser> | undefined;
  const app = express();
  const built: Host = {
    app,
    express,
    passport,
    get twoFactor() {
      made ??= secondFactor<TestUser>(options);
      return made;
    },
    clock,
    store: shape.session?.store ?? new MemoryStore(),
    options,
    users,
    code: (name) => {
      clock.move(30 * seconds);
      return codeAt(seeds[name], clock.now());
    },
    visitor: () => browser(app),
    signedIn: async (name = 'ann') => {
      const agent = browser(app);
      await agent.signIn(name).expect(401);
      await agent.post('/2fa/totp', { code: built.code(name) }).expect(200);
      return agent;
    },
  };
  if (!shape.constructLast) void built.twoFactor;
  assemble(built, shape);
  for (const name of ['ann', 'cyd'] as const) await importApp(built, name);
  return built;
}

function assemble(built: Host, shape: Shape): void {
  if (shape.build) return shape.build(built);
  if (shape.aboveSession) {
    built.app.use(built.express.json(), built.express.urlencoded({ extended: false }));
    shape.aboveSession(built);
  }
  mountSession(built, shape.session);
  shape.aboveStep?.(built);
  if (!shape.constructLast) built.app.use(built.twoFactor.protect({ signOut: '/logout', ...shape.gate }));
  shape.routes?.(built);
  if (!shape.constructLast) usualRoutes(built);
}

async function importApp({ twoFactor, options, users }: Host, name: keyof typeof seeds): Promise<void> {
  const user = users.get(name);
  if (!user || (await twoFactor.isOwedBy(user))) return;
  const factor = { type: 'totp', secret: seeds[name], label: 'Phone' } as const;
  const imported = await twoFactor.importFactor(options.users.id(user), factor);
  expect(imported.ok).toBe(true);
}

/** A host app's error handler: the code or the message, and the cure. */
export const appErrors: ErrorRequestHandler = (
  error: Error & { status?: number; code?: string; help?: string },
  _req,
  res,
  _next,
) => {
  res.status(error.status ?? 500).json({ appError: error.code ?? error.message, help: error.help });
};

/** The session cookie that an answer sets, as a request carries it. */
export const sessionCookie = ({ headers }: Response): string | undefined =>
  ((headers['set-cookie'] ?? []) as unknown as string[])
    .find((one) => one.startsWith('connect.sid='))
    ?.split(';')[0];
