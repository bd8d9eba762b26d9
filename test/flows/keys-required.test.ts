import { browser, enrolTotp, errorCode } from '../support/browser-agent';
import { hostApp } from '../support/host-app';
import { addKey, enrolKey, localKey, proveKey } from '../support/keys';

const guarded = () =>
  hostApp({}, (app, twoFactor) => {
    app.get('/strict', twoFactor.requireProof({ phishingResistant: true }), (_req, res) =>
      res.json({ ok: true }),
    );
    app.get('/codes', twoFactor.requireProof({ types: ['backup-code'] }), (_req, res) =>
      res.json({ ok: true }),
    );
  });

describe('Where a key is required', () => {
  it('someone without a factor is told to add one, and not sent round in circles', async () => {
    const { app } = guarded();
    const agent = browser(app);
    await agent.signIn('bob').expect(200);
    for (const path of ['/strict', '/codes']) {
      const refused = await agent.get(path).expect(403);
      expect(refused.body.error).toMatchObject({ code: 'forbidden', url: '/2fa/security' });
    }
  });

  it('a key added in another browser is asked for in this one', async () => {
    const { app, clock } = guarded();
    const agent = browser(app);
    await agent.signIn('ann').expect(200);
    const { backupCodes } = await enrolTotp(agent, clock.now());
    const other = browser(app);
    await other.signIn('ann').expect(401);
    await other.post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
    await other.get('/strict').expect(403);
    const key = localKey();
    expect((await addKey(agent, key)).status).toBe(201);
    const asked = await other.get('/strict').expect(403);
    expect(asked.body.error).toMatchObject({
      code: 'step_up_required',
      url: '/2fa/confirm?to=%2Fstrict&need=webauthn',
    });
    const { body: step } = await other.get('/2fa/confirm?need=webauthn').expect(200);
    expect(step).toMatchObject({ status: 'confirm', types: ['webauthn'] });
    expect((await proveKey(other, key)).status).toBe(200);
    await other.get('/strict').expect(200);
  });

  it('a set-up with another handle than the account now has starts over', async () => {
    const { app, clock } = guarded();
    const [agent, other] = [browser(app), browser(app)];
    await agent.signIn('ann').expect(200);
    const { backupCodes } = await enrolTotp(agent, clock.now());
    await other.signIn('ann').expect(401);
    await other.post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
    const { body: mine } = await agent.post('/2fa/security/webauthn/options').expect(200);
    const { body: theirs } = await other.post('/2fa/security/webauthn/options').expect(200);
    expect(theirs.user.id).not.toBe(mine.user.id);
    const key = localKey();
    await agent.post('/2fa/security/webauthn', { response: key.create(mine.challenge) }).expect(201);
    const { body: again } = await other.post('/2fa/security/webauthn/options').expect(200);
    expect(again.user.id).toBe(mine.user.id);
    const response = localKey().create(again.challenge);
    await other.post('/2fa/security/webauthn', { response }).expect(201);
  });

  it('an abandoned set-up asks for a fresh proof before it asks for a key again', async () => {
    const { app, clock } = guarded();
    const agent = browser(app);
    await agent.signIn('ann').expect(200);
    await enrolTotp(agent, clock.now());
    await agent.post('/2fa/security/webauthn/options').expect(200);
    clock.move(10 * 60_000 - 1);
    await agent.post('/2fa/security/webauthn/options').expect(200);
    clock.move(1);
    expect(errorCode(await agent.post('/2fa/security/webauthn/options'))).toBe('step_up_required');
  });

  it('a key of another account does not stay in the way as a first factor', async () => {
    const { app } = guarded();
    const key = localKey();
    const [ann, bob] = [browser(app), browser(app)];
    await ann.signIn('ann').expect(200);
    await enrolKey(ann, key);
    await bob.signIn('bob').expect(200);
    const { body } = await addKey(bob, key);
    const refused = await bob.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] });
    expect([refused.status, errorCode(refused)]).toEqual([409, 'duplicate']);
    const codes = await bob.get('/2fa/security/backup-codes').expect(200);
    expect(codes.body.pending).toBeNull();
    await enrolKey(bob, localKey());
  });
});

describe('A sign-in that onSignedIn refuses', () => {
  it('is not reported as completed', async () => {
    const host = hostApp({
      onSignedIn: (_req, _res, { proofs }) => {
        if (proofs.length > 0) throw new Error('blocked');
      },
    });
    const told: string[] = [];
    host.twoFactor.on('login.completed', () => told.push('login.completed'));
    const first = browser(host.app);
    await first.signIn('ann').expect(200);
    const key = localKey();
    await enrolKey(first, key);
    const agent = browser(host.app);
    await agent.signIn('ann').expect(401);
    expect((await proveKey(agent, key)).status).toBe(500);
    expect(told).toEqual([]);
    expect((await agent.get('/me')).body.user).toBeNull();
  });
});
