import express, { type Express, type Request, type RequestHandler } from 'express';
import session, { MemoryStore, type CookieOptions, type SessionOptions } from 'express-session';
import { Strategy as LocalStrategy } from 'passport-local';
import type { PassportStatic } from 'passport';
import type { Response } from 'supertest';
import { memoryAccounts, memoryPending, secondFactor } from '../../lib';
import { Passport6, Passport7, type PassportClass } from '../hosts/host';
import { browser, codeAt } from '../support/browser-agent';
import { fakeClock, hours, seconds } from '../support/clock';
import { share } from '../support/exhaustive';
import { origin, testKey, type TestUser } from '../support/host-app';

const month = 30 * 24 * hours;
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

type Decide = (cookie: Request['session']['cookie']) => void;

/** What a "remember me" checkbox and the like may decide. */
const decisions: Record<string, Decide> = {
  nothing: () => undefined,
  'a maxAge': (cookie) => {
    cookie.maxAge = month;
  },
  'when it expires': (cookie) => {
    cookie.expires = new Date(Date.now() + month);
  },
  'that it ends with the browser': (cookie) => {
    cookie.maxAge = null as never;
  },
  'that it ends with the browser, as old guides have it': (cookie) => {
    cookie.expires = false as never;
  },
  'sameSite, strict': (cookie) => {
    cookie.sameSite = 'strict';
  },
  'sameSite, none': (cookie) => {
    Object.assign(cookie, { sameSite: 'none', secure: true });
  },
  'that scripts may read it': (cookie) => {
    cookie.httpOnly = false;
  },
  'that it is secure': (cookie) => {
    cookie.secure = true;
  },
  'a path': (cookie) => {
    cookie.path = '/account';
  },
  'a domain': (cookie) => {
    cookie.domain = '127.0.0.1';
  },
  'a priority': (cookie) => {
    Object.assign(cookie, { priority: 'high' });
  },
  'that it is partitioned': (cookie) => {
    Object.assign(cookie, { partitioned: true });
  },
  'all of it': (cookie) => {
    cookie.maxAge = month;
    Object.assign(cookie, { sameSite: 'none', secure: true, priority: 'low', partitioned: true });
    cookie.path = '/account';
  },
};

/** Where an app decides it. */
type Place = 'on the login page' | 'in the login route' | 'in the strategy' | 'after the login';

interface Case {
  readonly Passport: PassportClass;
  readonly place: Place;
  readonly decide: Decide;
  readonly keepSessionInfo: boolean;
  readonly session?: Partial<SessionOptions>;
}

const appWith = ({ Passport, place, decide, keepSessionInfo, session: options }: Case, withUs: boolean) => {
  const passport: PassportStatic = new Passport();
  const user: TestUser = { id: 'id-ann', name: 'ann@example.com' };
  const clock = fakeClock();
  const decideIn =
    (here: Place): RequestHandler =>
    (req, _res, next) => {
      if (here === place) decide(req.session.cookie);
      next();
    };
  passport.use(
    new LocalStrategy({ passReqToCallback: true }, (req, _name, _password, done) => {
      decideIn('in the strategy')(req, {} as never, () => done(null, user));
    }),
  );
  passport.serializeUser((_user, done) => done(null, user.id));
  passport.deserializeUser((_id, done) => done(null, user));
  const app: Express = express();
  app.use(express.json(), (req, _res, next) => {
    // As behind a proxy that ends TLS.
    req.headers['x-forwarded-proto'] = 'https';
    next();
  });
  app.use(
    session({
      secret: 'test',
      resave: false,
      saveUninitialized: false,
      proxy: true,
      ...options,
      store: new MemoryStore(),
    }),
    passport.session(),
  );
  const twoFactor = withUs
    ? secondFactor<TestUser>({
        passport,
        appName: 'Test App',
        origin,
        keys: [testKey],
        users: { id: ({ id }) => id, name: ({ name }) => name },
        accounts: memoryAccounts(),
        pending: memoryPending({ now: clock.now }),
        now: clock.now,
        onSignedIn: (req, res) => decideIn('after the login')(req, res, () => undefined) as undefined,
      })
    : null;
  if (twoFactor) app.use(twoFactor.protect());
  app.get('/login', decideIn('on the login page'), (req, res) => {
    Object.assign(req.session, { seen: true });
    res.json({});
  });
  const after: RequestHandler = withUs ? (_req, _res, next) => next() : decideIn('after the login');
  app.post(
    '/login',
    decideIn('in the login route'),
    passport.authenticate('local', { keepSessionInfo } as object),
    after,
    (_req, res) => res.json({ in: true }),
  );
  const code = () => {
    clock.move(30 * seconds);
    return codeAt(seed, clock.now());
  };
  return { app, twoFactor, code };
};

/** The attributes of the session cookie that an answer sets; when it expires, in minutes from now. */
function attributesOf({ headers }: Response): Record<string, string | number | true> | null {
  const lines = (headers['set-cookie'] ?? []) as unknown as string[];
  const line = lines.find((one) => one.startsWith('connect.sid='));
  if (line === undefined) return null;
  const [, ...parts] = line.split('; ');
  const attributes: Record<string, string | number | true> = {};
  for (const part of parts) {
    const [name = '', value = true] = part.split('=');
    const minutes = Math.round((Date.parse(String(value)) - Date.now()) / 60_000);
    attributes[name] = name === 'Expires' ? minutes : value;
  }
  return attributes;
}

/** Signs in as a browser does that takes whatever cookie it is given, and gives the last answer. */
async function signIn(built: ReturnType<typeof appWith>, { place }: Case) {
  const { app, twoFactor, code } = built;
  let cookie = '';
  const take = (answer: Response): Response => {
    const lines = (answer.headers['set-cookie'] ?? []) as unknown as string[];
    cookie = lines.find((one) => one.startsWith('connect.sid='))?.split(';')[0] ?? cookie;
    return answer;
  };
  const post = async (path: string, body: object) =>
    take(await browser(app).post(path, body).set('Cookie', cookie));
  if (place === 'on the login page') take(await browser(app).get('/login').expect(200));
  const login = await post('/login', { username: 'ann', password: 'x', remember: true });
  if (!twoFactor || login.status === 200) return { last: login, post };
  expect(login.status).toBe(401);
  const last = await post('/2fa/totp', { code: code() });
  expect(last.status).toBe(200);
  return { last, post };
}

const passports = [
  ['0.7', Passport7],
  ['0.6', Passport6],
] as const;
const places: readonly Place[] = [
  'on the login page',
  'in the login route',
  'in the strategy',
  'after the login',
];
const table = passports.flatMap(([version, Passport]) =>
  places.flatMap((place) =>
    [true, false].flatMap((keepSessionInfo) =>
      Object.entries(decisions).map(([what, decide]) => ({
        version,
        place,
        keepSessionInfo,
        what,
        given: { Passport, place, keepSessionInfo, decide },
      })),
    ),
  ),
);

/** Every decision in one place, and all of them at once everywhere. */
const isUsual = ({ version, place, keepSessionInfo, what }: (typeof table)[number]): boolean =>
  what === 'all of it' || (version === '0.7' && place === 'in the login route' && keepSessionInfo);

describe('The session cookie after the whole login is as without us', () => {
  it.each(share(table, isUsual))(
    'with $what decided $place (Passport $version, keepSessionInfo: $keepSessionInfo)',
    async ({ given }) => {
      const without = attributesOf((await signIn(appWith(given, false), given)).last);
      expect(without).not.toBeNull();
      for (const owes of [true, false]) {
        const built = appWith(given, true);
        if (owes) await built.twoFactor?.importFactor('id-ann', { type: 'totp', secret: seed, label: 'A' });
        const { last, post } = await signIn(built, given);
        expect([owes, attributesOf(last)]).toEqual([owes, without]);
        if (!owes) continue;
        // So it stays when the session id changes once more.
        const raised = await post('/2fa/totp', { code: built.code() });
        expect([raised.status, attributesOf(raised)]).toEqual([200, without]);
      }
    },
  );

  const settings: Record<string, Partial<SessionOptions>> = {
    'a life of its own': { cookie: { maxAge: hours } },
    'rolling sessions': { rolling: true, cookie: { maxAge: hours } },
    'security by the connection': { cookie: { secure: 'auto', sameSite: 'auto' as never } },
    'a cookie made for each request': {
      cookie: ((req: Request) => (req.body?.remember ? { maxAge: month, path: '/' } : {})) as CookieOptions,
    },
  };
  it.each(Object.entries(settings))('where the app’s sessions have %s', async (_, options) => {
    for (const keepSessionInfo of [true, false]) {
      for (const what of ['nothing', 'a maxAge', 'sameSite, strict']) {
        const decide = decisions[what] ?? (() => undefined);
        const given: Case = {
          Passport: Passport7,
          place: 'in the login route',
          keepSessionInfo,
          decide,
          session: options,
        };
        const without = attributesOf((await signIn(appWith(given, false), given)).last);
        const built = appWith(given, true);
        await built.twoFactor?.importFactor('id-ann', { type: 'totp', secret: seed, label: 'A' });
        const { last } = await signIn(built, given);
        expect([what, keepSessionInfo, attributesOf(last)]).toEqual([what, keepSessionInfo, without]);
      }
    }
  });
});
