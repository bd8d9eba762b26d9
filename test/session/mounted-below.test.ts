import type { RequestHandler } from 'express';
import { appErrors, host, Passport6, Passport7, type Shape } from '../hosts/host';
import type { TestUser } from '../support/host-app';

declare global {
  namespace Express {
    interface Request {
      flash(type: string, message?: string): unknown;
    }
  }
}

const flash = jest.requireActual<() => RequestHandler>('connect-flash');
const greeting: Shape['options'] = {
  onSignedIn: async (req) => {
    req.flash('info', 'Welcome');
  },
};

describe.each([
  ['0.6', Passport6],
  ['0.7', Passport7],
])('With Passport %s and connect-flash', (_version, Passport) => {
  it('below protect(), a hook that calls req.flash() fails in words that name the cure', async () => {
    const built = await host({
      Passport,
      options: greeting,
      routes: ({ app }) => {
        app.use(flash());
        app.use('/2fa', appErrors);
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    const refused = await ann.post('/2fa/totp', { code: built.code('ann') }).expect(500);
    expect(refused.body).toEqual({
      appError: 'wrong_setup',
      help: expect.stringContaining('Mount the middleware that sets req.flash above protect()'),
    });
    expect((await ann.get('/me', 'image/*')).body.user).toBeNull();
    // Bob owes nothing, and the app's own route is below connect-flash.
    await built.visitor().signIn('bob').expect(200);
  });

  it('above protect(), the hook runs', async () => {
    const built = await host({
      Passport,
      options: greeting,
      aboveStep: ({ app }) => {
        app.use(flash());
      },
      routes: ({ app }) => {
        app.get('/said', (req, res) => {
          res.json({ said: req.flash('info') });
        });
      },
    });
    const ann = await built.signedIn();
    expect((await ann.get('/said')).body).toEqual({ said: ['Welcome'] });
  });

  it('below protect(), Passport’s own messages are as they are without us', async () => {
    const built = await host({
      Passport,
      routes: ({ app, passport }) => {
        app.use(flash());
        const options = { failureFlash: 'Wrong password', successFlash: 'Welcome', keepSessionInfo: true };
        app.post(
          '/flashing',
          passport.authenticate('local', { ...options, failureRedirect: '/login' }),
          (_req, res) => {
            res.json({ in: true });
          },
        );
        app.get('/said', (req, res) => {
          res.json({ success: req.flash('success'), error: req.flash('error') });
        });
      },
    });
    const ann = built.visitor();
    const signIn = (password: string) => ann.post('/flashing', { username: 'ann', password });
    await signIn('wrong').expect(302);
    await signIn('right').expect(401);
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect((await ann.get('/said')).body).toEqual({ success: ['Welcome'], error: ['Wrong password'] });
  });
});

describe('A hook of the app', () => {
  it.each<[string, Shape['options']]>([
    ['csrf.token', { csrf: { field: '_csrf', token: (req) => String(req.flash('x')) } }],
    ['home', { home: (_user: TestUser, req) => String(req.flash('x')) }],
  ])('%s says the same of what is mounted below', async (option, options) => {
    const built = await host({
      ...(options && { options }),
      routes: ({ app }) => {
        app.use('/2fa', appErrors);
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    const answer =
      option === 'home'
        ? await ann.post('/2fa/totp', { code: built.code('ann') })
        : await ann.page('/2fa/totp');
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.text)).toMatchObject({
      appError: 'wrong_setup',
      help: expect.stringContaining('req.flash above'),
    });
  });

  it('keeps an error of its own', async () => {
    const built = await host({
      options: {
        onSignedIn: () => {
          throw new TypeError('req.session is not a function');
        },
      },
      routes: ({ app }) => {
        app.use('/2fa', appErrors);
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    const refused = await ann.post('/2fa/totp', { code: built.code('ann') }).expect(500);
    expect(refused.body.appError).not.toBe('wrong_setup');
  });
});
