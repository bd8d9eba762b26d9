import type { RequestHandler } from 'express';
import { host, type Host, type Shape } from '../hosts/host';
import { minutes } from '../support/clock';
import { origin } from '../support/host-app';
import { loggedIn, userOf } from './people';

const setUp = '/2fa/security/totp';
const password = { username: 'bob', password: 'right' };

/** Apps that answer a login in their own way, and know nothing of us. */
const routes: Readonly<Record<string, Shape['routes']>> = {
  'Passport’s successRedirect': ({ app, passport }) => {
    app.post(
      '/enter',
      passport.authenticate('local', { successRedirect: '/start', failureRedirect: '/login' }),
    );
  },
  'Passport’s successReturnToOrRedirect': ({ app, passport }) => {
    app.post('/enter', passport.authenticate('local', { successReturnToOrRedirect: '/start' }));
  },
  'a redirect of its own': ({ app, passport }) => {
    app.post('/enter', passport.authenticate('local'), (_req, res) => res.redirect('/start'));
  },
  'a redirect with a status': ({ app, passport }) => {
    app.post('/enter', passport.authenticate('local'), (_req, res) => res.redirect(302, '/start'));
  },
  'a callback of its own': ({ app, passport }) => {
    app.post('/enter', (req, res, next) => {
      const done = (_error: unknown, user?: Express.User) =>
        req.logIn(user ?? {}, (error) => (error ? next(error) : res.redirect('/start')));
      (passport.authenticate('local', done) as RequestHandler)(req, res, next);
    });
  },
};

/** The ways `to` comes along: in the address, in a field, or only in the address of the page with the form. */
const ways: readonly (readonly [string, string, Record<string, string>, string | null])[] = [
  ['a form that posts to its own address', `/enter?to=${encodeURIComponent(setUp)}`, {}, null],
  ['a form with a hidden field', '/enter', { to: setUp }, null],
  ['a form that was not changed at all', '/enter', {}, `${origin}/login?to=${encodeURIComponent(setUp)}`],
];

describe('Who signs in again for a page gets there, though nothing is owed', () => {
  it.each(Object.keys(routes).flatMap((app) => ways.map((way) => [app, ...way] as const)))(
    'with %s, by %s',
    async (app, _, path, fields, referer) => {
      const built = await host({ routes: routes[app] ?? (() => undefined) });
      const { agent } = await loggedIn(built, 'bob');
      built.clock.move(6 * minutes);
      const stale = await agent.page(setUp).expect(401);
      const [, action = '', token = ''] =
        /action="([^"]+)"[^>]*>\s*<input type="hidden" name="form_token" value="([^"]+)"/.exec(stale.text) ??
        [];
      const ended = await agent.form(action, { form_token: token }).expect(303);
      expect(ended.headers.location).toBe(`/login?to=${encodeURIComponent(setUp)}`);

      const sent = agent.form(path, { ...password, ...fields });
      if (referer !== null) void sent.set('Referer', referer);
      const { headers } = await sent.expect(303);
      expect(headers.location).toBe(setUp);
      expect((await agent.page(setUp).expect(200)).text).toContain('otpauth://');
    },
  );

  it.each(ways)('as one who owes a factor does, by %s', async (_, path, fields, referer) => {
    const built = await host({ routes: routes['a redirect of its own'] ?? (() => undefined) });
    const ann = built.visitor();
    const sent = ann.form(path, { username: 'ann', password: 'right', ...fields });
    if (referer !== null) void sent.set('Referer', referer);
    expect((await sent.expect(303)).headers.location).toBe(`/2fa?to=${encodeURIComponent(setUp)}`);
  });

  it.each([
    ['without `to`', '/enter', {}],
    ['with one that leads to another site', '/enter?to=//evil.example', {}],
    ['with one that leads to the login page', '/enter?to=/login', {}],
    [
      'with the address of another site’s page',
      '/enter',
      { Referer: 'https://evil.example/login?to=/billing' },
    ],
    ['with the address of another page of ours', '/enter', { Referer: `${origin}/news?to=/billing` }],
    ['with two of them', '/enter?to=/billing&to=/news', {}],
    ['by script', '/enter?to=/billing', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
  ])('the app’s own redirect stays as it is %s', async (_, path, headers) => {
    const built = await host({ routes: routes['a redirect of its own'] ?? (() => undefined) });
    const sent = await built.visitor().form(path, password).set(headers).expect(302);
    expect(sent.headers.location).toBe('/start');
  });

  it.each([
    ['ends the login after all', '/suspended', true],
    ['asks to sign in otherwise', '/login?error=by-sso-only', false],
  ])('the app’s own redirect stays as it is where it %s', async (_, target, out) => {
    const built = await host({
      routes: ({ app, passport }) => {
        app.post('/enter', passport.authenticate('local'), (req, res, next) => {
          if (!out) return res.redirect(target);
          req.logout((error) => (error ? next(error) : res.redirect(target)));
        });
      },
    });
    const bob = built.visitor();
    const sent = await bob.form('/enter?to=/billing', password).expect(302);
    expect(sent.headers.location).toBe(target);
    expect(await userOf(bob)).toBe(out ? null : 'id-bob');
  });

  it('what the app answers otherwise stays as it is', async () => {
    const built = await host();
    const { body } = await built.visitor().post('/login?to=/billing', password).expect(200);
    expect(body.user.id).toBe('id-bob');
  });
});

const parsers: readonly (readonly [string, unknown])[] = [
  ['simple', 'simple'],
  ['extended', 'extended'],
  ['none', false],
  ['one of the app', () => ({ to: '/of-the-app', need: 'sms', uv: '1', done: 'disabled' })],
  [
    'one that fails',
    () => {
      throw new Error('no query for you');
    },
  ],
];

describe('A home that would lead to the step again', () => {
  it.each(['/2fa', '/2FA/', '/2fa/confirm?to=%2Fx', ''])('leads to the start instead: %j', async (home) => {
    const built = await host({ options: { home: () => home, onSignedIn: () => '' } });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    const { body } = await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(body.url).toBe('/');
    expect((await ann.page('/2fa').expect(303)).headers.location).toBe('/');
  });

  it('may be "Security and login"', async () => {
    const built = await host({ options: { home: () => '/2fa/security' } });
    const ann = await built.signedIn('ann');
    expect((await ann.page('/2fa').expect(303)).headers.location).toBe('/2fa/security');
  });
});

describe('What our own addresses carry is read whatever the query parser is', () => {
  const withParser = (parser: unknown): Promise<Host> =>
    host({
      aboveSession: ({ app }) => {
        app.set('query parser', parser);
      },
      routes: ({ app, twoFactor }) => {
        app.get('/keys-only', twoFactor.requireProof({ types: ['totp'], within: '5m' }), (_req, res) => {
          res.send('in');
        });
      },
    });

  it.each(parsers)('the goal, with %s', async (_, parser) => {
    const built = await withParser(parser);
    const ann = built.visitor();
    const owed = await ann
      .post('/login?to=/billing%3Fa%3D1%26b', { username: 'ann', password: 'right' })
      .expect(401);
    expect(owed.body.error.url).toBe('/2fa?to=%2Fbilling%3Fa%3D1%26b');
    const page = await ann.page(owed.body.error.url).expect(200);
    expect(page.text).toContain('name="to" value="/billing?a=1&amp;b"');
    const url = String(owed.body.error.url).replace('/2fa', '/2fa/totp');
    const { body } = await ann.post(url, { code: built.code('ann') }).expect(200);
    expect(body.url).toBe('/billing?a=1&b');
    expect((await ann.post('/2fa/cancel?to=/billing').expect(200)).body.url).toBe('/login?to=%2Fbilling');
  });

  it.each(parsers)('what has to be proven, with %s', async (_, parser) => {
    const built = await withParser(parser);
    const { agent } = await loggedIn(built, 'ann');
    expect((await agent.page('/2fa/confirm?need=totp&to=/billing').expect(200)).text).toContain(
      'action="/2fa/totp?need=totp"',
    );
  });
});
