import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import session, { type SessionOptions } from 'express-session';
import { Passport, type PassportStatic } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { secondFactor, type SecondFactor, type SecondFactorOptions } from '../../../lib';
import { origin, testKey, type TestUser } from '../../support/host-app';

export interface RacedApp {
  readonly app: Express;
  readonly twoFactor: SecondFactor<TestUser>;
  /** Users who may sign in; delete one to have it gone. */
  readonly users: Map<string, TestUser>;
}

type Given = Pick<SecondFactorOptions<TestUser>, 'accounts' | 'pending' | 'now'> &
  Partial<SecondFactorOptions<TestUser>>;

/** An app of the usual shape, with routes for what is raced: every password is `right`. */
export function racedApp(given: Given, sessionOptions: SessionOptions): RacedApp {
  const passport = new Passport() as unknown as PassportStatic;
  const users = new Map(['ann', 'bob'].map((name) => [name, { id: `id-${name}`, name }]));
  const userOf = (id: unknown) => [...users.values()].find((user) => user.id === id) ?? false;
  passport.use(
    new LocalStrategy((name, password, done) => {
      done(null, password === 'right' ? (users.get(name) ?? false) : false);
    }),
  );
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((id, done) => done(null, userOf(id)));
  const twoFactor = secondFactor<TestUser>({
    passport,
    appName: 'Raced',
    origin,
    keys: [testKey],
    users: { id: (user) => user.id, name: (user) => user.name, byId: (id) => userOf(id) || null },
    ...given,
  });

  const app = express();
  app.use(session(sessionOptions), passport.session());
  // Written before we ever see the session, as by an app that had no second factor yet.
  app.post('/old-login', (req, res) => {
    Object.assign(req.session, { passport: { user: 'id-ann' } });
    res.json({});
  });
  app.use(twoFactor.protect({ signOut: '/logout' }));
  if (given.passkeys) app.use(twoFactor.passkeySignIn());
  app.post('/login', passport.authenticate('local'), (req, res) => res.json({ user: req.user }));
  app.post('/login-keeping', passport.authenticate('local', { keepSessionInfo: true }), (req, res) =>
    res.json({ user: req.user }),
  );
  // What a remember-me strategy does on every asset.
  app.get('/asset', (req, res, next) => {
    const answer = (error?: unknown) => (error ? next(error) : res.json({ user: req.user }));
    if (req.user) answer();
    else req.logIn({ id: 'id-ann', name: 'ann' }, answer);
  });
  app.post('/logout', (req, res, next) => {
    const who = req.user ?? req.twoFactor?.owedBy ?? null;
    req.logout((error) => (error ? next(error) : res.json({ who })));
  });
  app.post('/destroy', (req, res, next) => {
    const who = req.user ?? req.twoFactor?.owedBy ?? null;
    req.session.destroy((error: unknown) => (error ? next(error) : res.json({ who })));
  });
  app.post('/password', async (req, res) => {
    await twoFactor.signOutEverywhere((req.user as TestUser).id, { except: req });
    res.json({ changed: true });
  });
  app.get('/write', (req, res) => {
    Object.assign(req.session, { cart: 1 });
    res.json({ user: req.user ?? null });
  });
  app.get('/me', (req, res) => res.json({ user: req.user ?? null, twoFactor: req.twoFactor }));
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ error: { code: error.message } });
  });
  return { app, twoFactor, users };
}
