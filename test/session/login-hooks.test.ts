import type { AcceptedProof, SecondFactorOptions } from '../../lib';
import { errorCode } from '../support/browser-agent';
import type { TestUser } from '../support/host-app';
import { appErrors, host } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from './people';

type Options = Partial<SecondFactorOptions<TestUser>>;
type Accept = NonNullable<Options['accept']>;

const withHooks = (options: Options) =>
  host({
    options,
    routes: ({ app, passport }) => {
      app.post('/redirecting', passport.authenticate('local', { successRedirect: '/dashboard' }));
      app.post('/login', passport.authenticate('local'), (req, res) => {
        res.json({ user: req.user, twoFactor: req.twoFactor });
      });
      app.use('/login', appErrors);
      app.use('/2fa', appErrors);
    },
  });

describe('accept', () => {
  const at = Date.UTC(2026, 10, 24, 12);

  const useless: readonly (readonly [string, (() => unknown) | undefined])[] = [
    ['is not given', undefined],
    ['says false', () => false],
    ['says so later', async () => false],
    [
      'throws',
      () => {
        throw new Error('provider is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('provider is down'))],
    ['says true', () => true],
    ['gives no methods', () => ({ at })],
    ['gives no time', () => ({ methods: ['hwk'] })],
    ['gives a time that is none', () => ({ methods: ['hwk'], at: Number.NaN })],
    ['gives methods as text', () => ({ methods: 'hwk', at })],
  ];

  it.each(useless)('lets nobody skip the factor when it %s', async (_, accept) => {
    const built = await withHooks(accept ? { accept: accept as unknown as Accept } : {});
    const ann = built.visitor();
    expect(errorCode(await ann.signIn('ann').expect(401))).toBe('second_factor_required');
    expect(await userOf(ann)).toBeNull();
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  });

  it('completes a login by a proof from elsewhere, with its methods', async () => {
    const asked: unknown[] = [];
    const accepted: AcceptedProof = { methods: ['hwk', 'mfa'], at };
    const built = await withHooks({
      accept: (user, req) => {
        asked.push([user.id, req.path, (req.body as { username: string }).username]);
        return accepted;
      },
    });
    const ann = built.visitor();
    const passed = await ann.signIn('ann').expect(200);
    expect(passed.body.twoFactor).toMatchObject({ status: 'passed', proofs: [], amr: ['hwk', 'mfa'] });
    expect(await userOf(ann)).toBe('id-ann');
    expect(asked).toEqual([['id-ann', '/login', 'ann']]);
  });

  it('adds the methods of a later proof of ours', async () => {
    const built = await withHooks({ accept: () => ({ methods: ['hwk'], at }) });
    const ann = built.visitor();
    await ann.signIn('ann').expect(200);
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect((await ann.get('/me')).body.twoFactor.amr).toEqual(['hwk', 'otp', 'mfa']);
  });

  it('is not asked where nothing is owed', async () => {
    const accept = jest.fn(() => false as const);
    const built = await withHooks({ accept });
    await built.visitor().signIn('bob').expect(200);
    expect(accept).not.toHaveBeenCalled();
  });

  it('is told as a login that owed nothing, as is one of a user without a factor', async () => {
    const built = await withHooks({ accept: () => ({ methods: ['hwk'], at }) });
    const told: unknown[] = [];
    built.twoFactor.on('login.exempt', ({ userId, accepted }) => told.push([userId, accepted]));
    for (const name of ['ann', 'bob']) await built.visitor().signIn(name).expect(200);
    expect(told).toEqual([
      ['id-ann', true],
      ['id-bob', false],
    ]);
  });

  it('opens no factor change: that wants a proof of ours', async () => {
    const built = await withHooks({ accept: () => ({ methods: ['hwk'], at: built.clock.now() }) });
    const ann = built.visitor();
    await ann.signIn('ann').expect(200);
    expect(errorCode(await ann.post('/2fa/security/backup-codes').expect(403))).toBe('step_up_required');
  });
});

describe('onSignedIn', () => {
  /** Calls are noted with what the hook saw; `answer` is what it does then. */
  const noting = async (answer: () => string | undefined = () => undefined, options: Options = {}) => {
    const calls: unknown[] = [];
    const built = await withHooks({
      ...options,
      onSignedIn: async (req, res, { user, proofs }) => {
        await Promise.resolve();
        calls.push({
          user: user.id,
          proofs: proofs.map(({ type }) => type),
          sees: (req.user as TestUser | undefined)?.id,
          status: req.twoFactor?.status,
          sent: res.headersSent,
        });
        res.cookie('seen', 'yes');
        return answer();
      },
    });
    return { built, calls };
  };

  it('runs once for a login with a second factor, when it is complete', async () => {
    const { built, calls } = await noting();
    const { agent } = await halfLoggedIn(built);
    expect(calls).toEqual([]);
    await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(calls).toEqual([]);
    const passed = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(calls).toEqual([
      { user: 'id-ann', proofs: ['totp'], sees: 'id-ann', status: 'passed', sent: false },
    ]);
    expect(String(passed.headers['set-cookie'])).toContain('seen=yes');
    await agent.get('/me').expect(200);
    expect(calls).toHaveLength(1);
  });

  it('runs once for a login that owes nothing', async () => {
    const { built, calls } = await noting();
    const bob = built.visitor();
    const passed = await bob.signIn('bob').expect(200);
    expect(calls).toEqual([{ user: 'id-bob', proofs: [], sees: 'id-bob', status: 'exempt', sent: false }]);
    expect(String(passed.headers['set-cookie'])).toContain('seen=yes');
  });

  it('runs once for a login whose proof was accepted', async () => {
    const { built, calls } = await noting(undefined, { accept: () => ({ methods: ['hwk'], at: 1 }) });
    await built.visitor().signIn('ann').expect(200);
    expect(calls).toEqual([{ user: 'id-ann', proofs: [], sees: 'id-ann', status: 'passed', sent: false }]);
  });

  it('does not run for a step-up, nor for linking an account', async () => {
    const { built, calls } = await noting();
    const { agent } = await loggedIn(built, 'ann');
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await agent.signIn('ann').expect(200);
    expect(calls).toHaveLength(1);
  });

  it('may say where to go, where we answer', async () => {
    const { built } = await noting(() => '/welcome');
    const { agent } = await halfLoggedIn(built);
    const passed = await agent.post('/2fa/totp?to=/billing', { code: built.code('ann') }).expect(200);
    expect(passed.body.url).toBe('/welcome');
    const bob = await built
      .visitor()
      .form('/redirecting', { username: 'bob', password: 'right' })
      .expect(302);
    expect(bob.headers.location).toBe('/dashboard');
  });

  it('may send people to another site, by a page of ours and not by the form’s redirect', async () => {
    const { built } = await noting(() => 'https://other.example/in');
    const { agent } = await halfLoggedIn(built);
    const token = /name="form_token" value="([^"]+)"/.exec((await agent.page('/2fa')).text)?.[1] ?? '';
    const sent = await agent.form('/2fa/totp', { code: built.code('ann'), form_token: token }).expect(303);
    const page = await agent.page(sent.headers.location ?? '').expect(200);
    expect(page.text).toContain('href="https://other.example/in"');
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('denies the login when it throws: with a second factor', async () => {
    const { built } = await noting(() => {
      throw Object.assign(new Error('blocked'), { status: 418 });
    });
    const { agent } = await halfLoggedIn(built);
    const denied = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(418);
    expect(denied.body.appError).toBe('blocked');
    expect(await userOf(agent)).toBeNull();
    expect(errorCode(await agent.get('/2fa').expect(401))).toBe('sign_in_required');
  });

  it('denies the login when it throws: without one', async () => {
    const { built } = await noting(() => {
      throw Object.assign(new Error('blocked'), { status: 418 });
    });
    const bob = built.visitor();
    const denied = await bob.signIn('bob').expect(418);
    expect(denied.body.appError).toBe('blocked');
    expect(await userOf(bob)).toBeNull();
  });

  it('runs once for each of several tabs that finish at once, each with a proof of its own', async () => {
    const { built, calls } = await noting();
    const { agent } = await halfLoggedIn(built);
    const code = built.code('ann');
    const answers = await Promise.all([1, 2, 3].map(() => agent.post('/2fa/totp', { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });
});
