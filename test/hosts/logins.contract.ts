import type { Request, RequestHandler, Response } from 'express';
import type { PassportStatic } from 'passport';
import type { TestUser } from '../support/host-app';
import {
  appErrors,
  host,
  mountSession,
  passwordStrategy,
  usualRoutes,
  type ExpressModule,
  type Host,
  type PassportClass,
} from './host';

interface Versions {
  readonly express: ExpressModule;
  readonly Passport: PassportClass;
}

type Options = Record<string, unknown>;
type Way = (built: Host, options: Options) => RequestHandler;
type LogIn = (user: object, options: Options, done: (error?: unknown) => void) => void;

/** As Passport has it; its types know fewer options. */
const logInOf = (req: Request, name: 'logIn' | 'login' = 'logIn'): LogIn =>
  (req as unknown as Record<typeof name, LogIn>)[name].bind(req);

/** Each option of `authenticate` and `logIn` that has a say in where the user goes. */
const everyOption: readonly Options[] = [
  {},
  { session: true },
  { session: false },
  { session: 0 },
  { session: null },
  { session: '' },
  { keepSessionInfo: true },
  { keepSessionInfo: true, session: false },
  { authInfo: false },
  { authInfo: false, session: false },
  { successMessage: true },
  { failureRedirect: '/failed' },
  { failureRedirect: '/failed', session: false },
  { failWithError: true },
  { failWithError: true, session: false },
  { successRedirect: '/done' },
  { successRedirect: '/done', session: false },
  { successReturnToOrRedirect: '/done' },
  { successReturnToOrRedirect: '/done', session: false },
];
const assigning: readonly Options[] = [
  { assignProperty: 'user' },
  { assignProperty: 'user', session: false },
  { assignProperty: ['user'] },
  { assignProperty: 'user', authInfo: false },
  { assignProperty: 'user', successRedirect: '/done' },
];

type Called = (error: unknown, user?: object | false | null) => void;
const authenticate = (passport: PassportStatic, one: unknown, options: Options, done?: Called) =>
  passport.authenticate(one as string, options, done) as RequestHandler;

const custom =
  (strategy: (built: Host) => unknown): Way =>
  (built, options) =>
  (req, res, next) => {
    const done: Called = (error, user) => {
      if (user) logInOf(req)(user, options, next);
      else if (error) next(error);
      else res.sendStatus(401);
    };
    void authenticate(built.passport, strategy(built), options, done)(req, res, next);
  };

const named: Way = ({ passport }, options) => authenticate(passport, 'local', options);
const several: Way = ({ passport }, options) => authenticate(passport, ['never', 'local'], options);
const inline: Way = ({ passport, users }, options) =>
  authenticate(passport, passwordStrategy(users), options);
const userOf = ({ users }: Host, { body }: Request): TestUser =>
  users.get((body as { username: string }).username) as TestUser;
const called =
  (name: 'logIn' | 'login'): Way =>
  (built, options) =>
  (req, _res, next) =>
    logInOf(req, name)(userOf(built, req), options, next);

const ways: readonly (readonly [string, Way, readonly Options[]])[] = [
  ['authenticate', named, [...everyOption, ...assigning]],
  ['authenticate, several strategies', several, [...everyOption, ...assigning]],
  ['authenticate, its own callback', custom(() => 'local'), [...everyOption, { assignProperty: 'user' }]],
  ['authenticate, an inline strategy', inline, everyOption],
  ['an inline strategy, its own callback', custom(({ users }) => passwordStrategy(users)), everyOption],
  ['req.logIn with no strategy', called('logIn'), everyOption],
  ['req.login with no strategy', called('login'), everyOption],
];
const table = ways.flatMap(([way, run, options]) =>
  options.map((given) => ({ way, run, given, name: JSON.stringify(given) })),
);

/** Looks at the request all the time until it is answered: who was `req.user` at any moment. */
function watched(property = 'user') {
  const seen = new Set<string>();
  const look = (req: Request): void => {
    const user = (req as unknown as Record<string, TestUser | null | undefined>)[property];
    if (user) seen.add(user.id);
  };
  const watch: RequestHandler = (req, res, next) => {
    const again = (): void => {
      look(req);
      if (!res.writableEnded) setImmediate(again);
    };
    next();
    again();
  };
  return { seen, watch, look };
}

/** No option of Passport's makes a user of whom the second factor is owed; of the others all of them do. */
export function loginsContract(name: string, versions: Versions): void {
  const loginHost = async (run: Way, given: Options, property = 'user') => {
    const watching = watched(property);
    const built = await host({
      ...versions,
      build: (one) => {
        mountSession(one, {}, { userProperty: property });
        one.app.use(one.twoFactor.protect());
        usualRoutes(one);
        one.passport.use('never', passwordStrategy(new Map()));
        const answer = (req: Request, res: Response) => {
          watching.look(req);
          res.json({ user: (req as unknown as Record<string, unknown>)[property] ?? null });
        };
        one.app.post('/in', watching.watch, run(one, given), answer);
        one.app.use(appErrors);
      },
    });
    return { built, seen: watching.seen };
  };
  const post = (built: Host, username: string, password = 'right') => {
    const agent = built.visitor();
    return agent.post('/in', { username, password }).then((answer) => ({ agent, answer }));
  };

  describe(`Whatever Passport is told, on ${name}`, () => {
    it.each(table)('$way with $name gives no user who owes a factor', async ({ run, given }) => {
      const { built, seen } = await loginHost(run, given);
      const { agent, answer } = await post(built, 'ann');
      expect(answer.status).toBe(401);
      expect(answer.text).toContain('second_factor_required');
      expect([...seen]).toEqual([]);
      expect((await agent.get('/whoami.png', 'image/*')).body).toEqual({ user: null, authenticated: false });
    });

    it.each(table)('$way with $name works for a user who owes none', async ({ run, given, way }) => {
      const { built, seen } = await loginHost(run, given);
      const { agent, answer } = await post(built, 'bob');
      const isOfPassport = way.startsWith('authenticate') && !way.includes('callback');
      const isAssigned = given.assignProperty !== undefined;
      const redirect = given.successRedirect ?? given.successReturnToOrRedirect;
      if (redirect && isOfPassport && !isAssigned) expect(answer.headers.location).toBe(redirect);
      else expect(answer.body).toMatchObject({ user: { id: 'id-bob' } });
      expect([...seen]).toEqual(['id-bob']);
      const { session = true } = given;
      const isKept = Boolean(session) && !(isAssigned && isOfPassport);
      expect((await agent.get('/whoami.png', 'image/*')).body.authenticated).toBe(isKept);
    });

    it('a wrong password is answered as without us', async () => {
      const redirected = await loginHost(named, { failureRedirect: '/failed' });
      const { answer } = await post(redirected.built, 'ann', 'wrong');
      expect([answer.status, answer.headers.location]).toEqual([302, '/failed']);
      const failing = await loginHost(named, { failWithError: true });
      expect((await post(failing.built, 'ann', 'wrong')).answer.body).toEqual({ appError: 'Unauthorized' });
    });
  });

  describe(`A login without a session in a request that passed protect(), on ${name}`, () => {
    it('has its user under another property of the app', async () => {
      for (const given of [{ assignProperty: 'account' }, { session: false }]) {
        const { built, seen } = await loginHost(named, given, 'account');
        expect((await post(built, 'ann')).answer.status).toBe(401);
        expect([...seen]).toEqual([]);
        expect((await post(built, 'bob')).answer.body).toMatchObject({ user: { id: 'id-bob' } });
      }
    });

    it('leaves an account that is linked alone: that is no user', async () => {
      const { built, seen } = await loginHost(named, { assignProperty: 'account' });
      expect((await post(built, 'ann')).answer.body).toEqual({ user: null });
      expect([...seen]).toEqual([]);
    });

    it('takes no proof for a user', async () => {
      const proving: Way = ({ passport }) => authenticate(passport, 'totp', { assignProperty: 'user' });
      const { built, seen } = await loginHost(proving, {});
      const agent = built.visitor();
      await agent.signIn('ann').expect(401);
      const refused = await agent.post('/in', { code: built.code('ann') }).expect(500);
      expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
      expect([...seen]).toEqual([]);
    });

    it.each([{ session: false }, { assignProperty: 'user' }])(
      'may ask a user who is signed in for the password again: %j',
      async (given) => {
        const { built } = await loginHost(named, given);
        const agent = await built.signedIn('ann');
        const again = { username: 'ann', password: 'right' };
        expect((await agent.post('/in', again).expect(200)).body).toMatchObject({ user: { id: 'id-ann' } });
        // Of somebody else it is no confirmation.
        expect((await agent.post('/in', { ...again, username: 'cyd' })).status).toBe(401);
        await built.twoFactor.signOutEverywhere('id-ann');
        expect((await agent.post('/in', again)).status).toBe(401);
      },
    );

    it('is refused while the account cannot be read', async () => {
      for (const given of [{ session: false }, { assignProperty: 'user' }]) {
        const { built, seen } = await loginHost(named, given);
        const down = jest.spyOn(built.options.accounts, 'load').mockRejectedValue(new Error('down'));
        expect((await post(built, 'ann')).answer.status).toBe(503);
        down.mockRestore();
        expect([...seen]).toEqual([]);
      }
    });

    it('counts on the token that this request brought, and on no other user of it', async () => {
      const built = await host({
        ...versions,
        options: { tokenStrategies: ['token'] },
        routes: ({ app, passport, users }) => {
          passport.use('token', passwordStrategy(users));
          const login = (given: Options): RequestHandler[] => [
            (req, res, next) => {
              const done: Called = (_error, user) =>
                user ? logInOf(req)({ ...user }, given, next) : res.sendStatus(401);
              void authenticate(passport, 'token', {}, done)(req, res, next);
            },
            (req, res) => void res.json({ user: req.user ?? null }),
          ];
          app.post('/token', ...login({ session: false }));
          app.post('/other', passport.authenticate('token', { session: false }), (req, _res, next) =>
            logInOf(req)(users.get('cyd') as TestUser, { session: false }, next),
          );
          app.use(appErrors);
        },
      });
      const body = { username: 'ann', password: 'right' };
      expect((await built.visitor().post('/token', body).expect(200)).body.user.id).toBe('id-ann');
      const other = await built.visitor().post('/other', body).expect(401);
      expect(other.body.appError).toBe('second_factor_required');
    });

    it('is the affair of a Passport that we were not given, where it is one of those', async () => {
      const foreign = new versions.Passport();
      foreign.use('device', passwordStrategy(new Map([['ann', { id: 'id-ann', name: 'a device' }]])));
      const built = await host({
        ...versions,
        routes: ({ app }) => {
          app.post('/device', foreign.authenticate('device', { session: false }), (req, res) => {
            res.json({ user: req.user });
          });
        },
      });
      await built.visitor().post('/device', { username: 'ann', password: 'right' }).expect(200);
    });
  });
}
