import type { ErrorRequestHandler } from 'express';
import { SecondFactorError } from '../../lib';
import { host, type Host, seeds, sessionCookie } from '../hosts/host';
import { browser, type BrowserAgent, codeAt, enrolTotp, errorCode } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { loggedIn, userOf } from './people';
import { records, sidOf } from './session-data';

const second = 'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK';

interface Told {
  readonly types: readonly { readonly factors: readonly { readonly id: string; readonly label: string }[] }[];
}

/** Ann has two authenticator apps, and is signed in by the first one. */
async function withTwoApps() {
  const built = await host({
    routes: ({ app, twoFactor }) => {
      app.get('/any', twoFactor.requireProof(), (_req, res) => void res.json({ any: true }));
      app.post('/password', async (req, res) => {
        await twoFactor.signOutEverywhere('id-ann', { except: req });
        res.json({ ok: true });
      });
    },
  });
  const added = { type: 'totp', secret: second, label: 'Tablet' } as const;
  expect(await built.twoFactor.importFactor('id-ann', added)).toMatchObject({ ok: true });
  const signedIn = await loggedIn(built, 'ann');
  const { body } = await signedIn.agent.get('/2fa/security').expect(200);
  const factors = (body as Told).types.flatMap((type) => type.factors);
  const idOf = (label: string) => encodeURIComponent(factors.find((one) => one.label === label)?.id ?? '');
  return { built, ...signedIn, phone: idOf('Phone'), tablet: idOf('Tablet') };
}

const codeOfTablet = ({ clock }: Host): string => {
  clock.move(30 * seconds);
  return codeAt(second, clock.now());
};
const remove = (agent: BrowserAgent, id: string) => agent.post(`/2fa/security/factors/${id}/remove`);

describe('A proof of a factor that was removed', () => {
  it('counts no more: not for the app, and not to change factors', async () => {
    const { built, agent, phone, tablet } = await withTwoApps();
    for (const path of ['/billing', '/any']) await agent.get(path).expect(200);
    const removed = await remove(agent, phone).expect(200);
    const { twoFactor } = (await agent.get('/me').expect(200)).body;
    expect(twoFactor).toMatchObject({ status: 'passed', proofs: [], amr: [] });
    for (const path of ['/billing', '/any']) {
      expect(errorCode(await agent.get(path).expect(403))).toBe('step_up_required');
    }
    expect(errorCode(await remove(agent, tablet).expect(403))).toBe('step_up_required');
    expect(errorCode(await agent.post('/2fa/security/sign-out-everywhere').expect(403))).toBe(
      'step_up_required',
    );
    expect((await records(built).read(sidOf(sessionCookie(removed))))?.proofs).toEqual([]);
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('is replaced by one of a factor that is left', async () => {
    const { built, agent, phone } = await withTwoApps();
    await remove(agent, phone).expect(200);
    await agent.post('/2fa/totp', { code: codeAt(seeds.ann, built.clock.now() + 30_000) }).expect(401);
    await agent.post('/2fa/totp', { code: codeOfTablet(built) }).expect(200);
    for (const path of ['/billing', '/any']) await agent.get(path).expect(200);
  });

  it('takes nothing from a proof of another factor', async () => {
    const { built, agent, tablet } = await withTwoApps();
    await agent.post('/2fa/totp', { code: codeOfTablet(built) }).expect(200);
    expect((await agent.get('/me')).body.twoFactor.proofs).toHaveLength(2);
    await remove(agent, tablet).expect(200);
    expect((await agent.get('/me')).body.twoFactor.proofs).toHaveLength(1);
    await agent.get('/billing').expect(200);
  });

  it('does not come back with a later change of the login', async () => {
    const { agent, phone } = await withTwoApps();
    await remove(agent, phone).expect(200);
    await agent.post('/password').expect(200);
    expect(errorCode(await agent.get('/billing').expect(403))).toBe('step_up_required');
  });

  it('is gone with the last factor: the login is that of a user who has none', async () => {
    const { built, agent, phone } = await withTwoApps();
    await remove(agent, phone).expect(200);
    await agent.post('/2fa/totp', { code: codeOfTablet(built) }).expect(200);
    const { body } = await agent.get('/2fa/security').expect(200);
    const [last] = (body as Told).types.flatMap((type) => type.factors);
    await remove(agent, encodeURIComponent(last?.id ?? '')).expect(200);
    expect((await agent.get('/me')).body.twoFactor).toMatchObject({ status: 'exempt', proofs: [] });
    await agent.get('/billing').expect(200);
  });
});

describe('A proof by a backup code', () => {
  it('still counts for the login that made new codes', async () => {
    const { agent } = await withTwoApps();
    const made = (await agent.post('/2fa/security/backup-codes').expect(201)).body.backupCodes as string[];
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: made[0] }).expect(200);
    await agent.post('/2fa/backup-code', { code: made[1] }).expect(200);
    const again = (await agent.post('/2fa/security/backup-codes').expect(201)).body.backupCodes as string[];
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: again[0] }).expect(200);
    const { proofs } = (await agent.get('/me')).body.twoFactor as { proofs: { type: string }[] };
    expect(proofs.map(({ type }) => type)).toEqual(['totp', 'backup-code']);
  });
});

const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe('A proof, when the app signs in someone else before it is used', () => {
  it('completes no half login with someone else’s proof', async () => {
    const { app, passport, twoFactor, clock, users } = hostApp({ owed: 'callback' });
    const prove = passport.authenticate('totp', { assignProperty: 'secondFactorProof' });
    app.post('/mixed', prove, (req, res, next) => {
      req.logIn(users.get('bob') as never, () => {
        twoFactor.finishLogin(req, res).then((done) => res.json(done), next);
      });
    });
    app.use(((error, _req, res, next) =>
      error instanceof SecondFactorError
        ? res.status(error.status).json({ error: { code: error.code } })
        : next(error)) as ErrorRequestHandler);
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const { secret } = await enrolTotp(ann, clock.now());
    await twoFactor.importFactor('id-bob', { type: 'totp', secret: seed, label: 'App' });
    clock.move(minutes);
    const mixed = await ann.post('/mixed', { code: codeAt(secret, clock.now()) }).expect(401);
    expect(errorCode(mixed)).toBe('sign_in_required');
    expect((await ann.get('/me')).body.user ?? null).toBeNull();
  });
});
