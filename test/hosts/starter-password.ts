import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import { days } from '../support/clock';
import type { TestUser } from '../support/host-app';
import { flashOf, freshProof, page, signedIn, whoamiRoute, type Starter } from './starter';

const flash = jest.requireActual<() => RequestHandler>('connect-flash');
const lusca = jest.requireActual<(options: object) => RequestHandler>('lusca');

/** Lusca puts it there, and into `res.locals`. */
export const csrfToken = (req: Request): string => (req as unknown as { csrfToken(): string }).csrfToken();
const csrfField = (req: Request): string => `<input type="hidden" name="_csrf" value="${csrfToken(req)}">`;

/** Where the README's line stands: where the README says, or at the end of what an app has there already. */
export type Place = 'right after passport.session()' | 'below all other middleware';

/** A starter kit of the years of Express 4: a name and a password, messages, and a CSRF check above all routes. */
export function passwordStarter(starter: Starter, place: Place = 'right after passport.session()'): void {
  const { app, express, passport, store, twoFactor } = starter;
  const protect = () => twoFactor && app.use(twoFactor.protect({ signOut: '/logout' }));
  app.use(express.urlencoded({ extended: true }));
  app.use(
    session({
      secret: 'test',
      resave: true,
      saveUninitialized: true,
      cookie: { maxAge: 14 * days },
      store,
    }),
  );
  app.use(lusca({ csrf: true, xframe: 'SAMEORIGIN', xssProtection: true }));
  app.use(passport.initialize(), passport.session());
  if (place === 'right after passport.session()') protect();
  app.use(flash());
  app.use((req, res, next) => {
    res.locals.user = req.user;
    const isAskedFor = req.method === 'GET' && !/^\/(?:login|logout|signup)|\./.test(req.path);
    if (!req.user && isAskedFor) req.session.returnTo = req.originalUrl;
    next();
  });
  if (place === 'below all other middleware') protect();
  routes(starter);
}

function routes(starter: Starter): void {
  const { app, passport } = starter;
  const fresh = freshProof(starter);
  whoamiRoute(starter);
  app.get('/', (req, res) => {
    const out = `<form method="post" action="/logout">${csrfField(req)}<button>Sign out</button></form>`;
    res.send(page(req, req.user ? out : '<a href="/login">Sign in</a>'));
  });
  app.get('/login', (req, res) => {
    if (req.user) return res.redirect('/');
    res.send(
      page(
        req,
        `<form method="post" action="/login">${csrfField(req)}
          <input name="username"><input name="password" type="password"><button>Sign in</button></form>`,
      ),
    );
  });
  app.post('/login', (req, res, next) => {
    const done = (error: unknown, user: TestUser | false): void => {
      if (error) return next(error);
      if (!user) {
        flashOf(req)('error', 'Invalid name or password.');
        return res.redirect('/login');
      }
      const { returnTo } = req.session;
      req.logIn(user, (failed) => {
        if (failed) return next(failed);
        flashOf(req)('success', 'Success! You are logged in.');
        res.redirect(returnTo ?? '/');
      });
    };
    (passport.authenticate('local', done) as RequestHandler)(req, res, next);
  });
  app.post('/logout', (req, res, next) => {
    req.logout((error) => {
      if (error) return next(error);
      req.session.destroy((failed: unknown) => (failed ? next(failed) : res.redirect('/')));
    });
  });
  app.get('/account', signedIn, (req, res) => {
    res.send(
      page(
        req,
        `<form method="post" action="/account/profile">${csrfField(req)}<input name="city"></form>
         <form method="post" action="/account/delete">${csrfField(req)}<button>Delete</button></form>`,
      ),
    );
  });
  app.post('/account/profile', signedIn, (req, res) => {
    flashOf(req)('success', 'Profile information has been updated.');
    res.redirect('/account');
  });
  app.get('/account/key', signedIn, fresh, (req, res) => {
    res.send(page(req, '<p>API key: k-123</p>'));
  });
  app.post('/account/delete', signedIn, fresh, (req, res) => {
    flashOf(req)('info', 'Your account has been deleted.');
    res.redirect('/');
  });
}
