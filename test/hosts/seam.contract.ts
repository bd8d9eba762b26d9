import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestHandler } from 'express';
import { SecondFactorError } from '../../lib';
import { errorCode } from '../support/browser-agent';
import { appErrors, host, type ExpressModule, type PassportClass } from './host';

interface Versions {
  readonly express: ExpressModule;
  readonly Passport: PassportClass;
}

/** What must hold at the seam with Passport, whatever the versions: where a login ends and what it may see. */
export function seamContract(name: string, versions: Versions): void {
  describe(`The login on ${name}`, () => {
    it('asks for the second factor and lets nobody in before', async () => {
      const { visitor } = await host(versions);
      const ann = visitor();
      const owed = await ann.signIn('ann').expect(401);
      expect(owed.body.error).toMatchObject({ code: 'second_factor_required', url: '/2fa' });
      const seen = await ann.get('/whoami.png', 'image/*').expect(200);
      expect(seen.body).toEqual({ user: null, authenticated: false });
    });

    it('is complete with the code', async () => {
      const { visitor, code } = await host(versions);
      const ann = visitor();
      await ann.signIn('ann').expect(401);
      await ann.post('/2fa/totp', { code: code('ann') }).expect(200);
      expect((await ann.get('/me')).body).toMatchObject({
        user: { id: 'id-ann' },
        twoFactor: { status: 'passed', amr: ['otp', 'mfa'] },
      });
    });

    it('is complete at once for a user who owes nothing', async () => {
      const { visitor } = await host(versions);
      const bob = visitor();
      await bob.signIn('bob').expect(200);
      expect((await bob.get('/me')).body).toMatchObject({
        user: { id: 'id-bob' },
        twoFactor: { status: 'exempt' },
      });
    });

    it('sends a form on to the step page', async () => {
      const { visitor } = await host(versions);
      const ann = visitor();
      const sent = await ann.form('/login', { username: 'ann', password: 'right' }).expect(303);
      expect(sent.headers.location).toBe('/2fa');
      expect((await ann.page('/2fa').expect(200)).text).toContain('a•••@example.com');
    });

    it('holds for a route mounted above protect()', async () => {
      const { visitor, code } = await host({
        ...versions,
        aboveStep: ({ app, passport }) => {
          app.post('/early', passport.authenticate('local'), (_req, res) => {
            res.json({ handlerRan: true });
          });
        },
      });
      const ann = visitor();
      const owed = await ann.post('/early', { username: 'ann', password: 'right' }).expect(401);
      expect(errorCode(owed)).toBe('second_factor_required');
      await ann.post('/2fa/totp', { code: code('ann') }).expect(200);
      expect((await ann.get('/me')).body.user.id).toBe('id-ann');
    });

    it('holds for routes that stood before secondFactor() was called', async () => {
      const built = await host({
        ...versions,
        constructLast: true,
        routes: ({ app, passport }) => {
          app.post('/login', passport.authenticate('local'), (req, res) => {
            res.json({ user: req.user });
          });
          app.post('/token', passport.authenticate('local', { session: false }), (_req, res) => {
            res.json({ token: 'signed' });
          });
          app.use(appErrors);
        },
      });
      expect(errorCode(await built.visitor().signIn('ann').expect(401))).toBe('second_factor_required');
      const token = await built.visitor().post('/token', { username: 'ann', password: 'right' }).expect(401);
      expect(token.body).toMatchObject({ appError: 'second_factor_required' });
    });

    it('stops an awaited logIn by an error where the app answers itself, and sends nothing', async () => {
      const effects: string[] = [];
      const { visitor, code } = await host({
        ...versions,
        options: { owed: 'callback' },
        routes: ({ app, users }) => {
          app.post('/promised', async (req, res) => {
            effects.push('connect');
            try {
              await new Promise<void>((resolve, reject) => {
                req.logIn(users.get('ann') ?? {}, (error: Error | null) =>
                  error ? reject(error) : resolve(),
                );
              });
              res.json({ in: true });
            } catch (error) {
              const isOurs = error instanceof SecondFactorError;
              expect(res.headersSent).toBe(false);
              res.status(418).json({ isOurs, code: isOurs && error.code, url: isOurs && error.details.url });
            } finally {
              effects.push('release');
            }
          });
        },
      });
      const ann = visitor();
      const answer = await ann.post('/promised?to=/billing').expect(418);
      expect(answer.body).toEqual({
        isOurs: true,
        code: 'second_factor_required',
        url: '/2fa?to=%2Fbilling',
      });
      expect(effects).toEqual(['connect', 'release']);
      await ann.post('/2fa/totp', { code: code('ann') }).expect(200);
      expect((await ann.get('/me')).body.user.id).toBe('id-ann');
    });

    it('answers by itself and never calls back where the app leaves it to us', async () => {
      let calls = 0;
      const { visitor } = await host({
        ...versions,
        routes: ({ app, users }) => {
          app.post('/waiting', (req, res) => {
            req.logIn(users.get('ann') ?? {}, () => {
              calls += 1;
              res.json({ in: true });
            });
          });
        },
      });
      const owed = await visitor().post('/waiting').expect(401);
      expect(errorCode(owed)).toBe('second_factor_required');
      await new Promise((resolve) => setImmediate(resolve));
      expect(calls).toBe(0);
    });

    it('leaves the next request on the same connection alone', async () => {
      const { app } = await host(versions);
      const server = createServer(app);
      await new Promise<void>((done) => {
        server.listen(0, done);
      });
      const { port } = server.address() as AddressInfo;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const login = () =>
        new Promise<{ status: number | undefined; reused: boolean }>((resolve, reject) => {
          const body = JSON.stringify({ username: 'ann', password: 'right' });
          const headers = { 'content-type': 'application/json' };
          const sent = request({ agent, port, method: 'POST', path: '/login', headers }, (res) => {
            res.resume().on('end', () => resolve({ status: res.statusCode, reused: sent.reusedSocket }));
          });
          sent.on('error', reject).end(body);
        });
      expect([await login(), await login(), await login()]).toEqual([
        { status: 401, reused: false },
        { status: 401, reused: true },
        { status: 401, reused: true },
      ]);
      agent.destroy();
      server.close();
    });

    it('covers a custom callback of passport.authenticate', async () => {
      const { visitor, code } = await host({
        ...versions,
        routes: ({ app, passport }) => {
          app.post('/custom', (req, res, next) => {
            const done = (error: unknown, user?: Express.User | false | null) => {
              if (error || !user) return res.status(401).json({ wrong: true });
              req.logIn(user, (failed: unknown) => (failed ? next(failed) : res.json({ user })));
              return res;
            };
            (passport.authenticate('local', done) as RequestHandler)(req, res, next);
          });
        },
      });
      const ann = visitor();
      await ann.post('/custom', { username: 'ann', password: 'wrong' }).expect(401, { wrong: true });
      expect(errorCode(await ann.post('/custom', { username: 'ann', password: 'right' }))).toBe(
        'second_factor_required',
      );
      await ann.post('/2fa/totp', { code: code('ann') }).expect(200);
      const bob = await visitor().post('/custom', { username: 'bob', password: 'right' }).expect(200);
      expect(bob.body.user.id).toBe('id-bob');
    });
  });

  describe(`A login without a session on ${name}`, () => {
    const tokenHost = (tokenStrategies: string[] = []) =>
      host({
        ...versions,
        options: { tokenStrategies },
        aboveSession: ({ app, passport }) => {
          app.post('/token', passport.authenticate('local', { session: false }), (_req, res) => {
            res.json({ token: 'signed' });
          });
          app.use('/token', appErrors);
        },
        routes: ({ app, passport }) => {
          app.post('/token-below', passport.authenticate('local', { session: false }), (_req, res) => {
            res.json({ token: 'signed' });
          });
          app.use('/token-below', appErrors);
        },
      });
    const password = { username: 'ann', password: 'right' };

    it.each(['/token', '/token-below'])('is refused while a factor is owed, at %s', async (path) => {
      const { visitor } = await tokenHost();
      const refused = await visitor().post(path, password).expect(401);
      expect(refused.body.appError).toBe('second_factor_required');
      expect(refused.body.help).toContain('tokenStrategies');
      await visitor().post(path, { username: 'bob', password: 'right' }).expect(200);
    });

    it.each([
      ['Authorization', 'Bearer anything'],
      ['Authorization', 'Basic YW5uOnJpZ2h0'],
      ['X-Requested-With', 'XMLHttpRequest'],
    ])('is not let through by the header %s: %s', async (header, value) => {
      const { visitor } = await tokenHost();
      await visitor().post('/token', password).set(header, value).expect(401);
      await visitor().post('/token-below', password).set(header, value).expect(401);
    });

    it('passes for a strategy that only checks a token issued earlier', async () => {
      const { visitor } = await tokenHost(['local']);
      await visitor().post('/token', password).expect(200, { token: 'signed' });
    });

    it('still asks when a named token strategy starts a session', async () => {
      const { visitor } = await tokenHost(['local']);
      expect(errorCode(await visitor().signIn('ann').expect(401))).toBe('second_factor_required');
    });
  });
}
