import { errorCode } from '../support/browser-agent';
import { appErrors, host, mountSession, type Host } from '../hosts/host';
import { halfLoggedIn, userOf } from './people';

const html = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

/** Links that sign in once, and a callback as OAuth has it: a strategy run by GET. */
const withLinks = async (logins?: readonly string[]) => {
  const spent = new Set<string>();
  const built = await host({
    ...(logins && { gate: { logins } }),
    options: { home: () => '/home' },
    routes: ({ app, passport, users }) => {
      app.get('/magic/:name/:token', (req, res, next) => {
        const { name, token } = req.params;
        const isSpent = spent.has(token);
        spent.add(token);
        req.session.returnTo = req.originalUrl;
        if (isSpent) res.status(410).send('spent');
        else req.logIn(users.get(name) ?? {}, (error) => (error ? next(error) : res.redirect('/home')));
      });
      app.get('/auth/callback', passport.authenticate('local', { successRedirect: '/home' }));
      app.get('/page', (_req, res) => {
        res.send('page');
      });
      app.use(appErrors);
    },
  });
  return built;
};
const open = (agent: ReturnType<Host['visitor']>, path: string) => agent.agent.get(path).set(html);

describe('The last login wins, also by GET', () => {
  it('a magic link of another is no page to be turned away with its token in our address', async () => {
    const built = await withLinks(['/auth', '/magic']);
    const { agent } = await halfLoggedIn(built, 'ann');
    const owed = await open(agent, '/magic/cyd/t0').expect(303);
    expect(owed.headers.location).toBe('/2fa');
    await agent.post('/2fa/totp', { code: built.code('cyd') }).expect(200);
    expect(await userOf(agent)).toBe('id-cyd');
  });

  it('a magic link of one who owes nothing signs in at once', async () => {
    const built = await withLinks(['/magic']);
    const { agent } = await halfLoggedIn(built, 'ann');
    const entered = await open(agent, '/magic/bob/t0').expect(302);
    expect(entered.headers.location).toBe('/home');
    expect(await userOf(agent)).toBe('id-bob');
  });

  it('a magic link of the same person continues the login that is half done', async () => {
    const built = await withLinks(['/magic']);
    const { agent } = await halfLoggedIn(built, 'ann');
    expect((await agent.post('/2fa/totp', { code: '000000' })).body.error.triesLeft).toBe(4);
    await open(agent, '/magic/ann/t0').expect(303);
    expect((await agent.post('/2fa/totp', { code: '000000' })).body.error.triesLeft).toBe(3);
  });

  it('a callback reaches its strategy, by page and by script', async () => {
    const built = await withLinks(['/auth']);
    for (const accept of ['text/html', 'application/json']) {
      const { agent } = await halfLoggedIn(built, 'ann');
      await agent.get('/auth/callback?username=bob&password=right', accept).expect(302);
      expect(await userOf(agent)).toBe('id-bob');
    }
  });

  it.each(['/auth', '/AUTH/callback', '/auth/', '/auth/a/b?c=d'])('lets %s pass', async (path) => {
    const built = await withLinks(['/auth/']);
    const { agent } = await halfLoggedIn(built);
    expect((await open(agent, path)).headers.location ?? '').not.toMatch(/^\/2fa/);
  });

  it.each(['/authors', '/page', '/x/auth', '/'])('turns %s away as before', async (path) => {
    const built = await withLinks(['/auth']);
    const { agent } = await halfLoggedIn(built);
    const turned = await open(agent, path).expect(303);
    expect(turned.headers.location).toBe(`/2fa?to=${encodeURIComponent(path)}`);
  });

  it.each([
    [['auth'], 'starts with one slash'],
    [['//auth'], 'starts with one slash'],
    [['/auth?code='], 'starts with one slash'],
    [['/'], 'List only the routes'],
    ['/auth' as never, "protect({ logins: ['/auth', '/magic'] })"],
    [[/auth/] as never, "protect({ logins: ['/auth', '/magic'] })"],
  ])('refuses %p when it is given, and names the cure', async (logins, cure) => {
    await expect(withLinks(logins)).rejects.toMatchObject({
      code: 'bad_option',
      help: expect.stringContaining(cure),
    });
  });

  it('refuses other paths of protect() that could never match, and a name that is none', async () => {
    const { twoFactor } = await host();
    for (const wrong of [
      { signOut: 'logout' },
      { allow: '/help' as never },
      { allow: ['help'] },
      { login: [] } as never,
    ]) {
      expect(() => twoFactor.protect(wrong)).toThrow(expect.objectContaining({ code: 'bad_option' }));
    }
    expect(() => twoFactor.gate({ login: [] } as never)).toThrow(/protect.login/);
  });
});

describe('Nobody is sent back to a link that is spent', () => {
  it.each([[undefined], [['/magic']]])(
    'though the app notes each address in the session (logins: %p)',
    async (logins) => {
      const built = await withLinks(logins);
      const ann = built.visitor();
      const owed = await open(ann, '/magic/ann/t1').expect(303);
      expect(owed.headers.location).toBe('/2fa');
      const { body } = await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
      expect(body.url).toBe('/home');
    },
  );

  it('nor to a link, or the login page, by an address that carries it on', async () => {
    const built = await withLinks(['/magic']);
    for (const to of ['/magic/ann/t1', '/Magic/ann/t1?a=b', '/magic#x', '/login', '/login?x=1', '/LOGIN']) {
      const { agent } = await halfLoggedIn(built);
      const { body } = await agent
        .post(`/2fa/totp?to=${encodeURIComponent(to)}`, { code: built.code('ann') })
        .expect(200);
      expect([to, body.url]).toEqual([to, '/home']);
    }
  });

  it('but to the page that the link names', async () => {
    const built = await withLinks(['/magic']);
    const owed = await open(built.visitor(), '/magic/ann/t1?to=/page').expect(303);
    expect(owed.headers.location).toBe('/2fa?to=%2Fpage');
  });

  it('and a page that posts its login form to itself is still the goal', async () => {
    const built = await host({
      routes: ({ app, passport }) => {
        app.post('/page', passport.authenticate('local', { successReturnToOrRedirect: '/page' }));
      },
    });
    const sent = await built.visitor().form('/page', { username: 'ann', password: 'right' }).expect(303);
    expect(sent.headers.location).toBe('/2fa?to=%2Fpage');
  });

  describe('and a login above all routes, as by a cookie that remembers,', () => {
    const remembering = (returnTo?: string) =>
      host({
        build: (one) => {
          const { app, twoFactor, users } = one;
          mountSession(one);
          app.use(twoFactor.protect({ logins: ['/magic'] }));
          app.use((req, _res, next) => {
            if (returnTo !== undefined) req.session.returnTo = returnTo;
            req.logIn(users.get('ann') ?? {}, next);
          });
        },
      });

    it('keeps what the app wanted', async () => {
      const built = await remembering('/billing');
      const owed = await open(built.visitor(), '/page').expect(303);
      expect(owed.headers.location).toBe('/2fa?to=%2Fbilling');
    });

    it.each([
      ['/billing', '/2fa?to=%2Fbilling'],
      ['/billing?token=t1', '/2fa'],
      ['/magic/ann', '/2fa'],
      ['/login', '/2fa'],
    ])('leads who asked for %s by %s', async (path, step) => {
      const built = await remembering();
      expect((await open(built.visitor(), path).expect(303)).headers.location).toBe(step);
      const script = await built.visitor().get(path).expect(401);
      expect(script.body.error.url).toBe('/2fa');
    });
  });

  it('a JSON read is refused, with an address that leads nowhere near it', async () => {
    const built = await withLinks(['/magic']);
    const ann = built.visitor();
    const owed = await ann.get('/magic/ann/t1').expect(401);
    expect([errorCode(owed), owed.body.error.url]).toEqual(['second_factor_required', '/2fa']);
  });
});
