import type { ErrorRequestHandler } from 'express';
import { SecondFactorError } from '../../lib';
import { browser, codeAt, enrolTotp, errorCode } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { hostApp } from '../support/host-app';

const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe('A proof, when the app signs in somebody else before it is used', () => {
  it('completes no half login with the proof of somebody else', async () => {
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
