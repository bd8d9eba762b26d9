import { SecondFactorError } from '../../lib';
import { errorCode } from '../support/browser-agent';
import { fakeClock, seconds } from '../support/clock';
import { appErrors, host, type Host } from '../hosts/host';
import { halfLoggedIn, userOf } from './people';

const down = new Error('redis://secret@10.0.0.1 is down');

/** What may break while somebody signs in. */
const breaks: readonly (readonly [string, 'ann' | 'bob', (built: Host) => jest.SpyInstance])[] = [
  [
    'the account cannot be read',
    'ann',
    ({ options }) => jest.spyOn(options.accounts, 'load').mockRejectedValue(down),
  ],
  [
    'the account cannot be read',
    'bob',
    ({ options }) => jest.spyOn(options.accounts, 'load').mockRejectedValue(down),
  ],
  [
    'the record cannot be written',
    'ann',
    ({ options }) => jest.spyOn(options.pending.logins, 'write').mockRejectedValue(down),
  ],
  [
    'the record cannot be written',
    'bob',
    ({ options }) => jest.spyOn(options.pending.logins, 'write').mockRejectedValue(down),
  ],
];

describe('A login while something is down', () => {
  it.each(breaks)('is answered by 503 when %s (%s), and lets nobody in', async (_, name, fail) => {
    const built = await host();
    const visitor = built.visitor();
    const broken = fail(built);
    const refused = await visitor.signIn(name).expect(503);
    expect(errorCode(refused)).toBe('unavailable');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.text).not.toContain('10.0.0.1');
    broken.mockRestore();
    expect(await userOf(visitor)).toBeNull();
    await visitor.signIn(name).expect(name === 'bob' ? 200 : 401);
  });

  it('tells the operator why, once a minute, and nothing of what the store said', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    const clock = fakeClock();
    const built = await host({ clock });
    jest.spyOn(built.options.accounts, 'load').mockRejectedValue(down);
    const visitor = built.visitor();
    for (const passed of [0, 59 * seconds, 2 * seconds]) {
      clock.move(passed);
      await visitor.signIn('ann').expect(503);
    }
    const warning = [
      'The account store failed.',
      {
        type: 'SecondFactorWarning',
        code: 'SECOND_FACTOR_UNAVAILABLE',
        detail: expect.stringContaining('docs/write-a-store.md'),
      },
    ];
    expect(warned.mock.calls).toEqual([warning, warning]);
    warned.mockRestore();
  });

  it.each(breaks)(
    'calls back with an error when %s (%s), where the app answers itself',
    async (_, name, fail) => {
      const seen: unknown[] = [];
      const built = await host({
        options: { owed: 'callback' },
        routes: ({ app, users }) => {
          app.post('/promised', (req, res) => {
            req.logIn(users.get(name) ?? {}, (error: unknown) => {
              seen.push(error);
              res.status(418).json({ sent: true, user: req.user ?? null });
            });
          });
        },
      });
      const visitor = built.visitor();
      const broken = fail(built);
      const answer = await visitor.post('/promised').expect(418);
      expect(answer.body.user).toBeNull();
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBeInstanceOf(SecondFactorError);
      expect(seen[0]).toMatchObject({ code: 'unavailable', status: 503 });
      broken.mockRestore();
      expect(await userOf(visitor)).toBeNull();
    },
  );

  it('gives an error of the app’s session store to the app', async () => {
    const built = await host({
      routes: ({ app, passport }) => {
        app.post('/login', passport.authenticate('local'), (req, res) => {
          res.json({ user: req.user });
        });
        app.use(appErrors);
      },
    });
    for (const name of ['ann', 'bob']) {
      const broken = jest
        .spyOn(built.store, 'set')
        .mockImplementation((_sid, _session, done) => done?.(new Error('session store is down')));
      const visitor = built.visitor();
      // Express hangs up once the answer is out: express-session has the same error again at its end.
      const refused = await visitor.signIn(name).set('Connection', 'close');
      expect([name, refused.status]).toEqual([name, 500]);
      broken.mockRestore();
      expect(await userOf(visitor)).toBeNull();
    }
  });

  it('leaves a half login usable when the second factor met a store that was down', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    const broken = jest.spyOn(built.options.pending.tries, 'count').mockRejectedValue(down);
    const code = built.code('ann');
    expect(errorCode(await agent.post('/2fa/totp', { code }).expect(503))).toBe('unavailable');
    broken.mockRestore();
    await agent.post('/2fa/totp', { code }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('refuses every request of a login that cannot be checked, and passes those of nobody', async () => {
    const built = await host();
    const agent = await built.signedIn();
    const broken = jest.spyOn(built.options.pending.logins, 'read').mockRejectedValue(down);
    for (const [path, accept] of [
      ['/me', 'application/json'],
      ['/me', 'image/*'],
      ['/billing', 'text/html'],
      ['/2fa/security', 'text/html'],
      ['/2fa/totp', 'application/json'],
    ] as const) {
      const refused = await agent.get(path, accept).expect(503);
      expect(refused.headers).toHaveProperty('retry-after');
      expect(refused.text).not.toContain('10.0.0.1');
    }
    await built.visitor().get('/me').expect(200);
    broken.mockRestore();
    expect(await userOf(agent)).toBe('id-ann');
  });
});
