import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Strategy } from 'passport';
import { origin, type TestUser } from '../support/host-app';
import { flashOf, freshProof, page, signedIn, whoamiRoute, type Starter } from './starter';
import { OneTimeRememberMeStrategy } from './strategies';

// Node 23 took away what connect-flash asks for, and apps give it back.
Object.assign(jest.requireActual<object>('node:util'), { isArray: Array.isArray });
const flash = jest.requireActual<() => RequestHandler>('connect-flash');

type Verify = (
  accessToken: string,
  refreshToken: string,
  params: { readonly name: string },
  profile: object,
  done: (error: unknown, user?: TestUser | false, info?: object) => void,
) => void;
type OAuth2 = new (options: object, verify: Verify) => Strategy;
const { Strategy: OAuth2Strategy } = jest.requireActual<{ Strategy: OAuth2 }>('passport-oauth2');

/** What starter kits put in the place of `regenerate`. */
export const patches: Readonly<Record<string, (req: Request) => void>> = {
  'its own regenerate()': () => undefined,
  'a regenerate() that keeps some values': (req) => {
    const own = req.session.regenerate.bind(req.session);
    Object.assign(req.session, {
      regenerate: (done: (error?: unknown) => void) => {
        const { cart, returnTo } = req.session;
        return own((error: unknown) => {
          Object.assign(req.session, cart && { cart }, returnTo && { returnTo });
          done(error);
        });
      },
    });
  },
  'a regenerate() that only calls back': ({ session: one }) => {
    Object.assign(one, { regenerate: (done: () => void) => done() });
  },
};

export interface Kit {
  /** Where the OAuth provider is. */
  readonly provider: string;
  readonly keepSessionInfo?: boolean;
  readonly patch?: (req: Request) => void;
}

/** The tokens that a browser keeps, and those that a mail carries: each of them is good once. */
function oneTimeTokens() {
  const owners = new Map<string, TestUser>();
  return {
    issue: (user: TestUser): string => {
      const token = randomUUID();
      owners.set(token, user);
      return token;
    },
    use: (token: string): TestUser | undefined => {
      const owner = owners.get(token);
      owners.delete(token);
      return owner;
    },
  };
}

/**
 * A starter kit of today: a password, another site and a link in a mail to sign in by, "remember me", messages.
 * `afterLogin` is the work of its login route that the README moves to `onSignedIn`.
 */
export function linkStarter({ provider, keepSessionInfo = true, patch = () => undefined }: Kit) {
  const remembered = oneTimeTokens();
  const mailed = oneTimeTokens();

  function afterLogin(req: Request, res: Response, user: TestUser): void {
    if (req.session.remember) res.cookie('remember_me', remembered.issue(user), { httpOnly: true });
    delete req.session.remember;
  }

  function mount(starter: Starter): void {
    const { app, express, passport, store, users, twoFactor } = starter;
    passport.use(new OneTimeRememberMeStrategy(remembered));
    passport.use(
      new OAuth2Strategy(
        {
          authorizationURL: `${provider}/authorize`,
          tokenURL: `${provider}/token`,
          clientID: 'starter',
          clientSecret: 'secret',
          callbackURL: `${origin}/auth/example/callback`,
          state: true,
        },
        (_access, _refresh, { name }, _profile, done) =>
          done(null, users.get(name) ?? false, { message: 'Nobody of that name is here.' }),
      ),
    );
    app.use(express.urlencoded({ extended: false }));
    app.use(session({ secret: 'test', resave: false, saveUninitialized: false, store }));
    app.use((req, _res, next) => {
      patch(req);
      next();
    });
    app.use(passport.session());
    if (twoFactor) app.use(twoFactor.protect({ signOut: '/logout', logins: ['/auth', '/magic'] }));
    const rememberMe = passport.authenticate('remember-me') as RequestHandler;
    app.use(flash());
    // As the README has it.
    app.use((req, res, next) => {
      const standsBack = req.twoFactor?.status === 'owed' || ['/login', '/logout'].includes(req.path);
      if (twoFactor && standsBack) return next();
      rememberMe(req, res, next);
    });
    loginRoutes(starter);
    routes(starter);
  }

  function loginRoutes({ app, passport, users, twoFactor }: Starter): void {
    const after = {
      failureRedirect: '/login',
      failureFlash: true,
      successFlash: 'Welcome!',
      keepSessionInfo,
    };
    app.get('/login', (req, res) => {
      res.send(
        page(
          req,
          `<a href="/auth/example">Example</a>
          <form method="post" action="/login"><input name="username"><input name="password"><button>Sign in</button></form>
          <form method="post" action="/magic"><input name="username"><button>Mail me a link</button></form>`,
        ),
      );
    });
    app.post(
      '/login',
      (req, _res, next) => {
        const { remember } = req.body as { remember?: string };
        req.session.remember = remember === 'on';
        next();
      },
      passport.authenticate('local', { ...after, failureFlash: 'Wrong name or password.' }),
      (req, res) => {
        if (!twoFactor) afterLogin(req, res, req.user as TestUser);
        const { returnTo } = req.session;
        delete req.session.returnTo;
        res.redirect(returnTo ?? '/');
      },
    );
    app.get('/auth/example', passport.authenticate('oauth2'));
    app.get(
      '/auth/example/callback',
      passport.authenticate('oauth2', { ...after, successReturnToOrRedirect: '/' }),
    );
    app.post('/magic', (req, res) => {
      const user = users.get((req.body as { username: string }).username);
      const link = user && `<a href="/magic?token=${mailed.issue(user)}">The mail</a>`;
      res.send(page(req, link ?? ''));
    });
    app.get('/magic', (req, res, next) => {
      const user = mailed.use((req.query as { token?: string }).token ?? '');
      if (!user) {
        flashOf(req)('error', 'That link has been used.');
        return res.redirect('/login');
      }
      const returnTo = req.session.returnTo ?? '/';
      flashOf(req)('success', 'Welcome!');
      const kept = { keepSessionInfo, session: true };
      req.logIn(user, kept, (error) => (error ? next(error) : res.redirect(returnTo)));
    });
    app.post('/logout', (req, res, next) => {
      res.clearCookie('remember_me');
      req.logout((error) => (error ? next(error) : res.redirect('/')));
    });
  }

  return { mount, afterLogin };
}

function routes(starter: Starter): void {
  const { app } = starter;
  const fresh = freshProof(starter);
  whoamiRoute(starter);
  app.get('/', (req, res) => {
    res.send(
      page(
        req,
        `<p>Cart: ${req.session.cart ?? 'empty'}</p><a href="/login">Sign in</a>
        <form method="post" action="/cart"><button>Buy</button></form>
        <form method="post" action="/logout"><button>Sign out</button></form>`,
      ),
    );
  });
  app.post('/cart', (req, res) => {
    req.session.cart = 'apples';
    flashOf(req)('info', 'One more in the cart.');
    res.redirect('/login');
  });
  app.get('/account', signedIn, (req, res) => {
    res.send(page(req, '<form method="post" action="/account/delete"><button>Delete</button></form>'));
  });
  app.get('/account/key', signedIn, fresh, (req, res) => {
    res.send(page(req, '<p>API key: k-123</p>'));
  });
  app.post('/account/delete', signedIn, fresh, (req, res) => {
    flashOf(req)('info', 'Your account has been deleted.');
    res.redirect('/');
  });
}
