import { browser, errorCode } from '../support/browser-agent';
import { hostApp } from '../support/host-app';
import { addKey, enrolKey, localKey, proveKey } from '../support/keys';
import { flag } from '../support/soft-key';

async function annWithKey() {
  const host = hostApp();
  const key = localKey();
  const agent = browser(host.app);
  await agent.signIn('ann').expect(200);
  const enrolled = await enrolKey(agent, key);
  return { ...host, key, agent, ...enrolled };
}

async function annAtTheStep() {
  const ann = await annWithKey();
  const agent = browser(ann.app);
  await agent.signIn('ann').expect(401);
  return { ...ann, agent };
}

describe('A security key', () => {
  it('is added with backup codes, and signs in after the password', async () => {
    const { agent, key } = await annAtTheStep();
    const { body: step } = await agent.get('/2fa').expect(200);
    expect(step).toMatchObject({ status: 'owed', preferred: 'webauthn', types: ['webauthn', 'backup-code'] });
    const passed = await proveKey(agent, key);
    expect([passed.status, passed.body]).toEqual([200, { status: 'passed', url: '/' }]);
    const { body: me } = await agent.get('/me');
    expect(me.user).toMatchObject({ id: 'id-ann' });
    expect(me.twoFactor.proofs).toMatchObject([{ type: 'webauthn', userVerified: true }]);
  });

  it('may not be used before two-factor is on, and not while the codes are not acknowledged', async () => {
    const { app } = hostApp();
    const agent = browser(app);
    await agent.signIn('ann').expect(200);
    expect((await addKey(agent, localKey())).status).toBe(201);
    await browser(app).signIn('ann').expect(200);
  });

  it('takes a try for a wrong answer and none for what cannot be read', async () => {
    const { agent } = await annAtTheStep();
    const stranger = localKey();
    const first = await proveKey(agent, stranger);
    expect([first.status, first.body.error]).toMatchObject([401, { code: 'wrong_code', triesLeft: 4 }]);
    for (const response of [undefined, null, [], {}, 'x', { id: 'a' }]) {
      const malformed = await agent.post('/2fa/webauthn', { response }).expect(400);
      expect(malformed.body.error).toMatchObject({ code: 'malformed', field: 'response' });
    }
    const second = await proveKey(agent, stranger);
    expect(second.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 3 });
  });

  it('answers a challenge once', async () => {
    const { app, agent, key } = await annAtTheStep();
    const { body: options } = await agent.post('/2fa/webauthn/options').expect(200);
    const response = key.get(options.challenge);
    await agent.post('/2fa/webauthn', { response }).expect(200);
    const again = browser(app);
    await again.signIn('ann').expect(401);
    expect(errorCode(await again.post('/2fa/webauthn', { response }))).toBe('wrong_code');
    expect(errorCode(await agent.post('/2fa/webauthn', { response }))).toBe('wrong_code');
  });

  it('is refused without the verification that was asked for', async () => {
    const { agent, key } = await annAtTheStep();
    const { body: options } = await agent.post('/2fa/webauthn/options?uv=1').expect(200);
    expect(options.userVerification).toBe('required');
    const response = key.get(options.challenge, { flags: flag.present });
    const refused = await agent.post('/2fa/webauthn', { response });
    expect([refused.status, refused.body.error]).toMatchObject([401, { code: 'wrong_code', triesLeft: 4 }]);
  });
});
