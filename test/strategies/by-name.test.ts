import expressFive, { type NextFunction, type Request, type Response } from 'express';
import { Strategy } from 'passport-strategy';
import { errorCode } from '../support/browser-agent';
import { appErrors, express4, host, Passport6, Passport7, type Shape } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from '../session/people';

const byHand = { assignProperty: 'secondFactorProof' } as const;

/** What an app may have had under one of our names. */
class HostStrategy extends Strategy {
  constructor(private readonly accepts: boolean) {
    super();
  }

  override authenticate(): void {
    if (this.accepts) this.success({ id: 'id-ann' });
    else this.fail('wrong code', 401);
  }
}

/** An app with second-factor pages of its own. */
function ownPages(shape: Shape = {}) {
  let kept: unknown;
  return host({
    ...shape,
    routes: ({ app, passport, twoFactor }) => {
      const finish = (req: Request, res: Response, next: NextFunction) => {
        twoFactor.finishLogin(req, res).then((done) => res.json(done), next);
      };
      const totp = passport.authenticate('totp', byHand);
      app.post('/own/totp', totp, finish);
      app.post('/own/either', passport.authenticate(['totp', 'backup-code'], byHand), finish);
      app.post('/own/nothing', finish);
      app.post('/own/twice', totp, (req, res, next) => {
        twoFactor.finishLogin(req, res).then(() => finish(req, res, next), next);
      });
      app.post('/own/forged', (req, res, next) => {
        req.secondFactorProof = { type: 'totp', factorId: null };
        finish(req, res, next);
      });
      app.post('/own/copied', totp, (req, res, next) => {
        req.secondFactorProof = { ...(req.secondFactorProof as object) };
        finish(req, res, next);
      });
      app.post('/own/keep', totp, (req, res) => {
        kept = req.secondFactorProof;
        res.json({ kept: true });
      });
      app.post('/own/kept', (req, res, next) => {
        req.secondFactorProof = kept;
        finish(req, res, next);
      });
      app.post('/own/login-with-it', totp, (req, res, next) => {
        const logIn = () =>
          req.logIn(req.secondFactorProof as Express.User, (error) =>
            error ? next(error) : res.json({ in: true }),
          );
        twoFactor.finishLogin(req, res).then(logIn, next);
      });
      app.post('/own/all-in-one', twoFactor.authenticate('totp'), (req, res) => {
        res.json({ user: req.user, status: req.twoFactor?.status });
      });
      app.use(appErrors);
    },
  });
}

describe.each([
  ['Express 5, Passport 0.7', { express: expressFive, Passport: Passport7 }],
  ['Express 4, Passport 0.6', { express: express4, Passport: Passport6 }],
])('A strategy by name (%s)', (_, versions) => {
  it('completes a half login together with finishLogin', async () => {
    const built = await ownPages(versions);
    const { agent, cookie } = await halfLoggedIn(built);
    const passed = await agent.post('/own/totp?to=/billing', { code: built.code('ann') }).expect(200);
    expect(passed.body).toEqual({ url: '/billing' });
    expect(await userOf(agent)).toBe('id-ann');
    expect((await agent.get('/me')).body.twoFactor).toMatchObject({ status: 'passed', amr: ['otp', 'mfa'] });
    const old = await built.visitor().get('/me', 'image/*').set('Cookie', cookie);
    expect(old.body.user).toBeNull();
  });

  it('raises a complete login, too', async () => {
    const built = await ownPages(versions);
    const { agent } = await loggedIn(built, 'ann');
    built.clock.move(600_000);
    await agent.get('/billing').expect(403);
    await agent.post('/own/totp', { code: built.code('ann') }).expect(200);
    await agent.get('/billing').expect(200);
  });

  it('fails with the status of its refusal and leaves the half login open', async () => {
    const built = await ownPages(versions);
    const { agent } = await halfLoggedIn(built);
    await agent.post('/own/totp', { code: 'abc' }).expect(400);
    await agent.post('/own/totp').expect(400);
    await agent.post('/own/totp', { code: '000000' }).expect(401);
    expect(await userOf(agent)).toBeNull();
    await agent.post('/own/totp', { code: built.code('ann') }).expect(200);
  });

  it('fails for nobody, and after five wrong proofs', async () => {
    const built = await ownPages(versions);
    await built.visitor().post('/own/totp', { code: '000000' }).expect(401);
    const { agent } = await halfLoggedIn(built);
    for (let guess = 0; guess < 5; guess++) await agent.post('/own/totp', { code: '000000' }).expect(401);
    await agent.post('/own/totp', { code: built.code('ann') }).expect(401);
    expect(await userOf(agent)).toBeNull();
  });

  it('tries one kind after the other, and what is no code of the first costs it nothing', async () => {
    const built = await ownPages(versions);
    const first = await built.signedIn();
    const { body } = await first.post('/2fa/security/backup-codes').expect(201);
    const [code, shown]: string[] = body.backupCodes;
    await first.post('/2fa/security/backup-codes/acknowledge', { code: shown }).expect(200);
    const { agent } = await halfLoggedIn(built);
    const wrong = await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(wrong.body.error.triesLeft).toBe(4);
    await agent.post('/own/either', { code }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
  });

  it.each([
    ['that never came', '/own/nothing'],
    ['that was made up', '/own/forged'],
    ['that was copied', '/own/copied'],
    ['that was spent', '/own/twice'],
  ])('gives finishLogin nothing to do for a proof %s', async (__, path) => {
    const built = await ownPages(versions);
    const { agent } = await halfLoggedIn(built);
    const refused = await agent.post(path, { code: built.code('ann') }).expect(500);
    expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
  });

  it.each([
    ['accepts', '/own/totp'],
    ['accepts', '/own/all-in-one'],
    ['accepts', '/2fa/totp'],
    ['refuses', '/own/all-in-one'],
    ['refuses', '/2fa/totp'],
  ])('says that the app has replaced it, where a strategy of its own %s at %s', async (verdict, path) => {
    const built = await ownPages(versions);
    built.passport.use('totp', new HostStrategy(verdict === 'accepts'));
    const { agent } = await halfLoggedIn(built);
    const refused = await agent.post(path, { code: built.code('ann') }).expect(500);
    expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
    expect(refused.body.help).toContain("passport.use('my-totp', strategy)");
    expect(await userOf(agent)).toBeNull();
  });

  it('proves nothing in another request, whoever it is of', async () => {
    for (const name of ['ann', 'cyd'] as const) {
      const built = await ownPages(versions);
      const { agent: first } = await halfLoggedIn(built, 'ann');
      await first.post('/own/keep', { code: built.code('ann') }).expect(200, { kept: true });
      const { agent: second } = await halfLoggedIn(built, name);
      const refused = await second.post('/own/kept').expect(500);
      expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
      expect(await userOf(second)).toBeNull();
    }
  });

  it('never makes a user of a proof, spent or not', async () => {
    const built = await ownPages({
      ...versions,
      options: { users: { id: (user) => ('id' in user ? user.id : 'nobody'), name: (user) => user.name } },
    });
    const { agent } = await halfLoggedIn(built);
    const refused = await agent.post('/own/login-with-it', { code: built.code('ann') }).expect(500);
    expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('lets exactly one of twenty uses of a code at once through', async () => {
    const built = await ownPages(versions);
    const halves = await Promise.all(Array.from({ length: 20 }, () => halfLoggedIn(built)));
    const code = built.code('ann');
    const answers = await Promise.all(halves.map(({ agent }) => agent.post('/own/totp', { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    const users = await Promise.all(halves.map(({ agent }) => userOf(agent)));
    expect(users.filter((user) => user !== null)).toEqual(['id-ann']);
  });

  it('keeps two users at once apart', async () => {
    const built = await ownPages(versions);
    const [ann, cyd] = [await halfLoggedIn(built, 'ann'), await halfLoggedIn(built, 'cyd')];
    const [annsCode, cydsCode] = [built.code('ann'), built.code('cyd')];
    const crossed = await Promise.all([
      ann.agent.post('/own/totp', { code: cydsCode }),
      cyd.agent.post('/own/totp', { code: annsCode }),
    ]);
    expect(crossed.map(({ status }) => status)).toEqual([401, 401]);
    await Promise.all([
      ann.agent.post('/own/totp', { code: annsCode }).expect(200),
      cyd.agent.post('/own/totp', { code: cydsCode }).expect(200),
    ]);
    expect([await userOf(ann.agent), await userOf(cyd.agent)]).toEqual(['id-ann', 'id-cyd']);
  });
});

describe('twoFactor.authenticate', () => {
  it('is the strategy and finishLogin in one: the handler sees the user', async () => {
    const built = await ownPages();
    const { agent } = await halfLoggedIn(built);
    const passed = await agent.post('/own/all-in-one', { code: built.code('ann') }).expect(200);
    expect(passed.body).toMatchObject({ user: { id: 'id-ann' }, status: 'passed' });
  });

  it('answers refusals as the pages do, and the handler never runs', async () => {
    const built = await ownPages();
    const { agent } = await halfLoggedIn(built);
    const wrong = await agent.post('/own/all-in-one', { code: '000000' }).expect(401);
    expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
    expect(errorCode(await agent.post('/own/all-in-one', {}).expect(400))).toBe('malformed');
    expect(errorCode(await built.visitor().post('/own/all-in-one', { code: '000000' }).expect(401))).toBe(
      'sign_in_required',
    );
  });

  it('answers 503 when a store is down', async () => {
    const built = await ownPages();
    const { agent } = await halfLoggedIn(built);
    const code = built.code('ann');
    const down = jest.spyOn(built.options.accounts, 'save').mockRejectedValue(new Error('down'));
    const refused = await agent.post('/own/all-in-one', { code }).expect(503);
    expect(['busy', 'unavailable']).toContain(errorCode(refused));
    down.mockRestore();
    expect(await userOf(agent)).toBeNull();
  });

  it('uses nothing up for a user without a login of ours, who could not finish it', async () => {
    const built = await host({
      options: { tokenStrategies: ['bearer'] },
      routes: ({ app, twoFactor, users }) => {
        app.post(
          '/api/totp',
          (req, _res, next) => {
            const user = users.get('ann');
            if (user) req.user = user;
            next();
          },
          twoFactor.authenticate('totp'),
          (_req, res) => {
            res.json({ passed: true });
          },
        );
      },
    });
    const code = built.code('ann');
    expect(errorCode(await built.visitor().post('/api/totp', { code }).expect(401))).toBe('sign_in_required');
    const { agent } = await halfLoggedIn(built);
    await agent.post('/2fa/totp', { code }).expect(200);
  });
});
