import path from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
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
import { BearerStrategy } from '../hosts/strategies';
import { browser, codeAt, type BrowserAgent } from '../support/browser-agent';
import { certificate } from '../support/certificate';
import { seconds } from '../support/clock';
import type { Names } from './run-snippet';

export const origin = 'https://admin.example.com';
/** The seed of Ann's app, and of the one Bob brings along. */
export const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly isAdmin: boolean;
}

/** An app as the snippets take it for granted: body parsers, session, Passport, and functions of its own. */
export class UsualApp {
  readonly app: Express = express();
  readonly passport = new Passport() as unknown as PassportStatic;
  /** What the app's own functions were called with, in order. */
  readonly calls: unknown[][] = [];
  readonly names: Names;
  readonly options: SecondFactorOptions<User>;
  private readonly sessionMiddleware = session({
    secret: 'test',
    resave: false,
    saveUninitialized: false,
    store: new MemoryStore(),
  });
  private readonly users = new Map(
    ['ann', 'bob'].map((name) => [
      name,
      { id: `id-${name}`, email: `${name}@example.com`, isAdmin: name === 'ann' },
    ]),
  );

  /** @param construct whether the app has its `twoFactor` already; some snippets make it */
  constructor(construct: boolean) {
    this.preparePassport();
    this.app.use(express.json(), express.urlencoded({ extended: false }));
    this.app.use(this.sessionMiddleware, this.passport.session());
    this.options = {
      passport: this.passport,
      appName: 'WebAdmin',
      origin,
      keys: ['22'.repeat(32)],
      users: {
        id: (user) => user.id,
        name: (user) => user.email,
        // As an app has them that helps people in again.
        byId: (id) => [...this.users.values()].find((user) => user.id === id),
        find: () => ({ users: [], next: null }),
      },
      accounts: memoryAccounts(),
      pending: memoryPending(),
      // Looked up at each call, so that a test can move it.
      now: () => Date.now(),
    };
    this.names = this.namesWith(construct ? secondFactor<User>(this.options) : undefined);
  }

  get twoFactor(): SecondFactor<User> {
    return this.names.twoFactor as SecondFactor<User>;
  }

  /** The routes below `protect()`, and an error handler. */
  addRoutes(): void {
    this.app.post('/login', this.passport.authenticate('local'), (req, res) => {
      res.json({ user: req.user });
    });
    this.app.get('/me', (req, res) => {
      res.json({ user: req.user ?? null, twoFactor: req.twoFactor });
    });
    this.app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
      const { code } = error as { code?: unknown };
      res.status(500).json({ appError: typeof code === 'string' ? code : error.message });
    });
  }

  visitor(from = origin): BrowserAgent {
    return browser(this.app, from);
  }

  /** Gives Ann an authenticator app. */
  async giveAnnAnApp(twoFactor = this.twoFactor): Promise<void> {
    const imported = await twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'Phone' });
    if (!imported.ok) throw new Error(imported.code);
  }

  private preparePassport(): void {
    const { passport, users } = this;
    const check = (name: string, password: string) =>
      password === 'right' ? (users.get(name) ?? false) : false;
    passport.use(new LocalStrategy((name, password, done) => done(null, check(name, password))));
    passport.use('jwt', new BearerStrategy((name) => users.get(name) as never));
    passport.serializeUser((user, done) => done(null, (user as User).id));
    passport.deserializeUser((id, done) => {
      done(null, [...users.values()].find((user) => user.id === id) ?? false);
    });
  }

  private namesWith(twoFactor: SecondFactor<User> | undefined): Names {
    const { app, passport, options, users, calls } = this;
    const noting =
      (name: string) =>
      (...given: unknown[]) => {
        calls.push([name, ...given]);
        return Promise.resolve();
      };
    const pass = (_req: Request, _res: Response, next: NextFunction) => next();
    return {
      app,
      api: express(),
      express,
      session,
      sessionOptions: { secret: 'test', resave: false, saveUninitialized: false },
      sessionMiddleware: this.sessionMiddleware,
      server: { on: noting('server.on') },
      open: noting('open'),
      passport,
      mongoose: { connection: {}, connect: noting('mongoose.connect') },
      redis: {},
      Redis: class {
        on = noting('redis.on');
      },
      path,
      readFileSync: () => certificate('Maker', { isCa: true }).pem,
      process: { env: { ...environment }, cwd: () => __dirname },
      helmet: () => pass,
      secondFactor: (given: SecondFactorOptions<User>) => secondFactor(given),
      mongoAccounts: () => Object.assign(memoryAccounts(), { prepare: noting('prepare') }),
      redisPending: () => memoryPending(),
      mySetups: memoryPending().setups,
      options,
      twoFactor,
      billing: (_req: Request, res: Response) => res.json({ billing: true }),
      requireAdmin: pass,
      checkCsrf: pass,
      users: {
        noteLogin: noting('noteLogin'),
        changePassword: noting('changePassword'),
        delete: noting('delete'),
        findById: (id: string) => Promise.resolve([...users.values()].find((user) => user.id === id) ?? null),
        checkPassword: (name: string, password: string) =>
          Promise.resolve(password === 'right' ? (users.get(name) ?? null) : null),
      },
      roleOf: () => 'customer',
      signToken: (claims: object) => JSON.stringify(claims),
      mail: { tell: noting('mail') },
      alerts: { send: noting('alert') },
      audit: { write: noting('audit') },
      console: { log: noting('log'), error: noting('log') },
      wasSwapped: () => Promise.resolve(false),
      claimsOf: (req: Request) => ({
        amr: String(req.headers['x-test-amr'] ?? '').split(' '),
        authTime: Math.floor(Date.now() / 1000),
      }),
      languageOf: () => 'cs',
      moveIn: noting('moveIn'),
      oldUsers: [],
    };
  }
}

const environment = {
  TWO_FACTOR_KEY: '22'.repeat(32),
  OLD_KEY: '22'.repeat(32),
  NEW_KEY: '33'.repeat(32),
  MONGODB_URI: 'mongodb://db',
  REDIS_URL: 'redis://cache',
  VONAGE_API_KEY: 'abcd1234',
  VONAGE_API_SECRET: 'secret',
  SENDGRID_API_KEY: 'SG.key',
  SMTP_URL: 'smtps://user:password@mail.example.com',
  HOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

/** The code that an authenticator app with the seed shows, or the next one, which the window takes as well. */
export const freshCode = (ahead = 0): string => codeAt(seed, Date.now() + ahead * 30 * seconds);
