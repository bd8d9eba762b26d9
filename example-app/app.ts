import { join } from 'node:path';
import express, { type Express } from 'express';
import session from 'express-session';
import type { AdminOptions } from 'express-second-factor';
import { errorHandler } from './error-handler';
import { speaking } from './language';
import { showOpenRequest } from './open-request';
import { createPassport } from './passport';
import { scryptPasswords, type Passwords } from './passwords';
import { notFound } from './problems';
import { sendProblem } from './respond';
import { accountRoutes } from './routes/account';
import { billingRoutes } from './routes/billing';
import { demoClockRoutes } from './routes/demo-clock';
import { homeRoutes } from './routes/home';
import { loginRoutes } from './routes/login';
import { outboxRoutes } from './routes/outbox';
import { sameOrigin } from './same-origin';
import { noStore, securityHeaders } from './security-headers';
import { mayActOn } from './roles';
import { demoSenders, type Senders } from './senders';
import type { Settings } from './settings';
import { shellOf } from './shell';
import { userOf } from './signed-in';
import type { Stores } from './stores';
import type { User } from './users';
import { canHavePasskeys, createTwoFactor, type TwoFactor } from './two-factor';

export interface WebAdmin {
  readonly app: Express;
  readonly twoFactor: TwoFactor;
  readonly passwords: Passwords;
}

/** Codes are read in the outbox while the second factor is owed, and one may wait there for something. */
const OPEN_WHILE_OWED = ['/outbox', '/outbox.json', '/demo/clock'];

/** WebAdmin on the given stores. It does not listen: main.ts does. */
export function createApp(
  settings: Settings,
  stores: Stores,
  senders: Senders = demoSenders(settings, stores),
): WebAdmin {
  const { origin, production } = settings;
  const passwords = scryptPasswords(settings.scryptCost);
  const passport = createPassport(stores.users, passwords);
  const twoFactor = createTwoFactor(passport, settings, stores, senders, passwords);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', settings.trustProxy);
  app.set('view engine', 'ejs');
  app.set('views', join(__dirname, 'views'));
  app.locals.isDemo = !production;
  app.locals.hasPasskeys = canHavePasskeys(origin);
  app.locals.kindsOfFactor = [
    'totp',
    'webauthn',
    ...(senders.sms ? ['otp-sms'] : []),
    ...(senders.email ? ['otp-email'] : []),
  ];

  app.use(securityHeaders(origin));
  app.use(speaking);
  app.use((req, res, next) => {
    res.locals.shell = () => shellOf(req);
    next();
  });
  app.use(express.static(join(__dirname, 'public'), { index: false, redirect: false }));
  // Browsers ask for this on pages that name no icon, such as those of the second factor.
  app.get('/favicon.ico', (_req, res) => res.redirect('/icon.svg'));
  app.use(noStore);
  // `GET *` asks for no path, and express-session has no session for it.
  app.use((req, res, next) => (req.path.startsWith('/') ? next() : sendProblem(req, res, notFound)));
  app.use(express.json({ limit: '32kb' }));
  app.use(express.urlencoded({ extended: false, limit: '32kb' }));
  app.use(
    session({
      name: 'webadmin.sid',
      secret: settings.cookieSecret,
      store: stores.sessions,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: origin.startsWith('https:') },
    }),
  );
  app.use(passport.session());
  app.use(twoFactor.protect({ signOut: '/logout', allow: production ? [] : OPEN_WHILE_OWED }));
  if (canHavePasskeys(origin)) app.use(twoFactor.passkeySignIn());
  app.use((req, res, next) => {
    res.locals.user = userOf(req);
    next();
  });
  app.use(showOpenRequest(twoFactor));
  app.use(sameOrigin(origin));

  app.use(homeRoutes(production, stores.clock));
  app.use(loginRoutes(passport, origin));
  app.use(accountRoutes(stores.users, passwords, twoFactor));
  app.use(billingRoutes(twoFactor));
  app.use('/admin/2fa', twoFactor.adminRouter({ authorize: mayDo }));
  if (!production) app.use(outboxRoutes(stores), demoClockRoutes(stores.clock, twoFactor));

  app.use((req, res) => sendProblem(req, res, notFound));
  app.use(errorHandler);
  return { app, twoFactor, passwords };
}

const mayDo: AdminOptions<User>['authorize'] = (req, action, target) => {
  const user = userOf(req);
  return user !== undefined && mayActOn(user, action, target?.user);
};
