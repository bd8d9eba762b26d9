import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { LogInOptions, Middleware, PassportLike, Seam } from './seam';
import { removeMark } from './session-layer';
import { takenBefore, unsupported } from './errors';
import { answered, callBack, promised } from './promised';
import { regenerateKeeping } from './renewal';

// A second wrapper would pass each login it completes to the first, which would say that a factor is owed.
const taken = new WeakSet<object>();

type Done = (error?: unknown) => void;
type LogIn = (req: Request, user: unknown, options: LogInOptions, done: Done) => void;
/** The part of Passport's session manager that is wrapped. */
interface SessionManager {
  _key: string;
  logIn(req: IncomingMessage, user: unknown, options: LogInOptions | Done | undefined, done: Done): void;
  logOut(req: IncomingMessage, options: object | Done, done: Done): void;
}

interface PassportInside extends PassportLike {
  use(name: string, strategy: object): unknown;
  authenticate(
    name: string,
    done: (error: Error | null, success?: unknown, failure?: unknown) => void,
  ): Middleware;
  initialize(options: { readonly compat: boolean }): Middleware;
  _sm: SessionManager;
  _strategy(name: string): object | undefined;
  serializeUser(user: unknown, req: Request, done: (error: unknown, serialized?: unknown) => void): void;
  deserializeUser(serialized: unknown, req: Request, done: (error: unknown, user?: unknown) => void): void;
}

/** By what a session says that it has a login of this Passport: each has a place of its own there. */
export function markOf(passport: PassportLike | undefined): string {
  const { _sm: manager } = passport as Partial<PassportInside>;
  const { _key: key = 'passport' } = manager ?? {};
  return key === 'passport' ? 'secondFactor' : `secondFactor:${key}`;
}

/**
 * Wraps a Passport instance. This is the only file that touches the private parts of Passport 0.6 and 0.7: `_sm` (its
 * session manager) and `_strategy`. Every login ends up in the session manager, whatever the strategy and whatever the
 * order of middleware.
 *
 * @param marking what is removed from a session that is kept over a logout
 * @param onLogIn runs in place of Passport's own login
 * @param meet is called with each request that signs out
 */
export function takeSeam(
  passport: PassportLike,
  index: number,
  marking: { readonly mark: string },
  onLogIn: (seam: Seam) => LogIn,
  meet: (req: Request) => void,
): Seam {
  const inside = passport as PassportInside;
  const manager: SessionManager | undefined = inside._sm;
  if (typeof manager?.logIn !== 'function' || typeof inside._strategy !== 'function') throw unsupported();
  if (taken.has(manager)) throw takenBefore();
  taken.add(manager);
  const key = manager._key;
  const original = manager.logIn.bind(manager);
  const logOut = manager.logOut.bind(manager);
  const part = (session: object): { user?: unknown } | undefined =>
    (session as Record<string, { user?: unknown } | undefined>)[key];
  const propertyOf = (req: Request): string =>
    (req as unknown as { _userProperty?: string })._userProperty ?? 'user';
  const initialize = inside.initialize({ compat: false });
  const slots = (req: Request) => req as unknown as Record<string, unknown>;

  const seam: Seam = {
    index,
    use: (name, strategy) => void inside.use(name, strategy),
    authenticate: (name, req, res) =>
      new Promise((resolve, reject) => {
        const authenticate = inside.authenticate(name, (error, success, failure) =>
          error ? reject(error) : resolve({ success, failure }),
        );
        authenticate(req, res, reject);
      }),
    replaceStrategies: (replace) => {
      const find = inside._strategy.bind(inside);
      const made = new Map<string, { readonly of: object; readonly cover: object }>();
      inside._strategy = (name) => {
        const of = find(name);
        const before = made.get(name);
        if (!of || before?.of === of) return of && before?.cover;
        const cover = replace(of, name);
        made.set(name, { of, cover });
        return cover;
      };
    },
    hasStrategy: (name) => inside._strategy(name) !== undefined,
    isOf: (req) => {
      const { _sessionManager } = req as { _sessionManager?: object };
      return _sessionManager ? _sessionManager === manager : null;
    },
    // The `initialize` of another Passport may have named it differently; a value that is not a string may turn into
    // any name.
    isUserProperty: (req, name) =>
      name === 'user' || name === propertyOf(req) || (Boolean(name) && typeof name !== 'string'),
    prepare: (req, res) => {
      if (!('logIn' in req)) initialize(req, res, () => undefined);
    },
    hasUser: (session) => (part(session)?.user ?? null) !== null,
    clearUser: (session) => {
      (session as Record<string, unknown>)[key] = {};
    },
    userOf: (req) => slots(req)[propertyOf(req)] ?? undefined,
    setUser: (req, user) => {
      slots(req)[propertyOf(req)] = user;
    },
    serialize: (user, req) => answered((done) => inside.serializeUser(user, req, done)),
    deserialize: async (serialized, req) =>
      (await answered((done) => inside.deserializeUser(serialized, req, done))) || null,
    userFrom: async (req) => seam.userOf(req) ?? (await seam.deserialize(part(req.session)?.user, req)),
    logIn: (req, user, options) => promised((done) => original(req, user, options, done)),
  };

  const ours = onLogIn(seam);
  manager.logIn = (req, user, options, done) => {
    const [given, call] = typeof options === 'function' ? [{}, options] : [options ?? {}, done];
    // `req.logIn` has already put the user there. Nothing may see them before we know whether they owe a factor.
    seam.setUser(req as Request, undefined);
    ours(req as Request, user, given, call);
  };

  manager.logOut = (given, options, done) => {
    const req = given as Request;
    const [own, call] = typeof options === 'function' ? [{}, options as Done] : [options, done];
    meet(req);
    const { sessionID } = req;
    logOut(req, own, (error) => {
      if (error || !req.session) return call(error);
      // Data kept across a logout must not include the mark, which would say that its login was ended elsewhere.
      removeMark(marking, req.session);
      if (req.sessionID !== sessionID) return call();
      // The app has replaced `regenerate` with something that does nothing: the id that was signed in is abandoned all
      // the same.
      callBack(regenerateKeeping(req), () => call(), call);
    });
  };
  return seam;
}
