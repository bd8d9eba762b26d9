import { errorCode } from '../support/browser-agent';
import { host, mountSession, usualRoutes } from './host';

describe('The parts of protect(), placed by hand', () => {
  it('work the same', async () => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor.sessionStep());
        one.app.get('/above', (req, res) => {
          res.json({ user: req.user ?? null });
        });
        one.app.use(one.twoFactor.pages(), one.twoFactor.gate({ signOut: '/logout', allow: ['/open'] }));
        usualRoutes(one);
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    expect((await ann.page('/above').expect(200)).text).toContain('null');
    expect((await ann.page('/me').expect(303)).headers.location).toBe('/2fa?to=%2Fme');
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect((await ann.get('/me')).body.user).toMatchObject({ id: 'id-ann' });
  });

  it('work without a gate: the half-signed-in user is nobody everywhere', async () => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor.sessionStep(), one.twoFactor.pages());
        usualRoutes(one);
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    expect((await ann.get('/me').expect(200)).body).toMatchObject({
      user: null,
      twoFactor: { status: 'owed' },
    });
    expect(errorCode(await ann.get('/billing').expect(401))).toBe('second_factor_required');
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await ann.get('/billing').expect(200);
  });

  it('may be mounted twice', async () => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor.protect({ signOut: '/logout' }));
        one.app.use('/admin', one.twoFactor.protect());
        usualRoutes(one);
        one.app.get('/admin/page', (req, res) => {
          res.json({ user: req.user ?? null });
        });
      },
    });
    const ann = built.visitor();
    await ann.signIn('ann').expect(401);
    await ann.get('/admin/page').expect(401);
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect((await ann.get('/admin/page')).body.user).toMatchObject({ id: 'id-ann' });
    await ann.get('/admin/2fa/security').expect(200);
  });

  it.each(['/account/verify', '/account/verify/'])(
    'have their pages where the option path says: %s',
    async (path) => {
      const built = await host({ options: { path } });
      const ann = built.visitor();
      const owed = await ann.signIn('ann').expect(401);
      expect(owed.body.error.url).toBe('/account/verify');
      const page = await ann.page('/account/verify').expect(200);
      expect(page.text).toContain('action="/account/verify/totp"');
      expect(page.text).not.toContain('"/2fa');
      await ann.post('/account/verify/totp', { code: built.code('ann') }).expect(200);
      expect((await ann.get('/me')).body.twoFactor.status).toBe('passed');
      await ann.get('/2fa').expect(404);
    },
  );

  it('leave every path that is not ours to the app', async () => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor.protect());
        one.app.use((req, res) => {
          res.json({ path: req.path });
        });
      },
    });
    for (const path of ['/', '/2fax', '/2FA', '/2fa-help', '/x/2fa', '/favicon.ico']) {
      expect((await built.visitor().get(path).expect(200)).body).toEqual({ path });
    }
  });

  it('tell templates where "Security and login" is', async () => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor.protect());
        usualRoutes(one);
        one.app.get('/locals', (_req, res) => {
          res.json(res.locals.twoFactor);
        });
      },
    });
    const locals = { enabled: false, securityUrl: '/2fa/security' };
    await built.visitor().get('/locals').expect(200, locals);
    const bob = built.visitor();
    await bob.signIn('bob').expect(200);
    await bob.get('/locals').expect(200, locals);
    const ann = await built.signedIn('ann');
    await ann.get('/locals').expect(200, { ...locals, enabled: true });
  });
});
