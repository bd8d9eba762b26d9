import { errorCode } from '../support/browser-agent';
import { host } from '../hosts/host';
import { halfLoggedIn, userOf } from './people';
import { records } from './session-data';

type Done = (error: unknown, user?: unknown) => void;
type Deserialize = (id: unknown, done: Done) => unknown;

const secret = 'postgres://app:secret@10.0.0.1';

/** How an app may fail to give back its user. */
const failures: Record<string, Deserialize> = {
  'gives an error': (_id, done) => done(new Error(`cannot reach ${secret}`)),
  'gives an error that is none': (_id, done) => done(secret),
  throws: () => {
    throw new TypeError(`cannot read ${secret}`);
  },
  'never answers': () => undefined,
};
const absences: Record<string, Deserialize> = {
  'knows no such user any more': (_id, done) => done(null, false),
  'gives null': (_id, done) => done(null, null),
  'gives somebody else': (_id, done) => done(null, { id: 'id-cyd', name: 'cyd@example.com' }),
};

/** An app whose `deserializeUser` can be told to fail. */
async function failing() {
  const built = await host({
    options: { deadline: 60 },
    routes: ({ app, passport, twoFactor }) => {
      app.post('/own', twoFactor.authenticate('totp'), (_req, res) => void res.json({ ok: true }));
      const prove = passport.authenticate('totp', { assignProperty: 'secondFactorProof' });
      app.post('/finish', prove, (req, res, next) => {
        twoFactor.finishLogin(req, res).then((done) => res.json(done), next);
      });
    },
  });
  const passport = built.passport as unknown as { deserializeUser: (...given: unknown[]) => unknown };
  const own = passport.deserializeUser.bind(passport);
  const state: { instead: Deserialize | null; asked: number } = { instead: null, asked: 0 };
  passport.deserializeUser = (id, req, done) => {
    state.asked += 1;
    return state.instead ? state.instead(id, done as Done) : own(id, req, done);
  };
  return { built, state };
}

const paths = ['/2fa/totp', '/own', '/finish'] as const;

describe('An app that cannot give back the user of a half login', () => {
  describe.each(Object.entries(failures))('because its deserializeUser %s', (_, instead) => {
    it.each(paths)(
      'is asked before a code is used up: 503, and the same code counts later (%s)',
      async (path) => {
        const { built, state } = await failing();
        const { agent, sid } = await halfLoggedIn(built);
        const code = built.code('ann');
        state.instead = instead;
        for (let time = 0; time < 7; time++) {
          const refused = await agent.post(path, { code });
          expect(refused.status).toBe(503);
          expect(refused.text).not.toContain('10.0.0.1');
        }
        expect((await records(built).read(sid))?.state).toBe('owed');
        expect(await userOf(agent)).toBeNull();
        state.instead = null;
        await agent.post(path, { code }).expect(200);
        expect(await userOf(agent)).toBe('id-ann');
      },
    );

    it('takes no try of a wrong code either, and the step page answers', async () => {
      const { built, state } = await failing();
      const { agent } = await halfLoggedIn(built);
      state.instead = instead;
      for (let time = 0; time < 7; time++) await agent.post('/2fa/totp', { code: '000000' }).expect(503);
      const page = await agent.page('/2fa').expect(503);
      expect(Number(page.headers['retry-after'])).toBeGreaterThan(0);
      state.instead = null;
      const wrong = await agent.post('/2fa/totp', { code: '000000' }).expect(401);
      expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
    });
  });

  it('is asked once a request', async () => {
    const { built, state } = await failing();
    const { agent } = await halfLoggedIn(built);
    state.asked = 0;
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(state.asked).toBe(1);
  });
});

describe('An app that says of the user of a half login that they are gone', () => {
  it.each(Object.entries(absences))('ends it, before a code is used up: it %s', async (_, instead) => {
    for (const path of ['/2fa/totp', '/own']) {
      const { built, state } = await failing();
      const { agent, sid } = await halfLoggedIn(built);
      const code = built.code('ann');
      state.instead = instead;
      expect(errorCode(await agent.post(path, { code }).expect(401))).toBe('sign_in_required');
      expect(await records(built).read(sid)).toBeNull();
      state.instead = null;
      expect(await userOf(agent)).toBeNull();
      await agent.signIn('ann').expect(401);
      await agent.post('/2fa/totp', { code }).expect(200);
    }
  });
});
