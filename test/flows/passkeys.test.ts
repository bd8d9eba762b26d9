import { memorySender } from '../../lib';
import { letIn, lostAccess } from '../support/let-in';
import { passkeysApp } from '../support/keys';
import { browser, codeAt, enrolTotp } from '../support/browser-agent';
import { flag } from '../support/soft-key';
import { localKey, enrolKey } from '../support/keys';

async function annWithPasskey(given: Parameters<typeof passkeysApp>[0] = {}) {
  const host = passkeysApp(given);
  const key = localKey();
  const agent = browser(host.app);
  await agent.signIn('ann').expect(200);
  const enrolled = await enrolKey(agent, key);
  host.clock.move(1_000);
  return { ...host, key, agent, ...enrolled };
}

describe('A passkey', () => {
  it('signs in by itself, as both factors, without name and password', async () => {
    const { app, key, handle } = await annWithPasskey();
    const agent = browser(app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    expect(body.options).toMatchObject({ userVerification: 'required', allowCredentials: [] });
    const response = key.get(body.options.challenge, { userHandle: handle });
    const passed = await agent.post('/2fa/passkey?to=%2Fbilling', { response });
    expect([passed.status, passed.body]).toEqual([
      200,
      {
        status: 'passed',
        url: '/billing',
        signal: { rpId: 'localhost', userId: handle, name: 'ann@example.com', credentialIds: [key.id] },
      },
    ]);
    const { body: me } = await agent.get('/me');
    expect(me.user).toMatchObject({ id: 'id-ann' });
    expect(me.twoFactor).toMatchObject({ status: 'passed', amr: ['pop', 'mfa'] });
    await agent.get('/billing').expect(200);
  });

  it('check 59: says that it ended a request for access before it goes on', async () => {
    const host = await annWithPasskey({ lostAccess, email: { send: memorySender(), codes: false } });
    await letIn(host.options.accounts, 'id-ann', host.clock.now());
    const agent = browser(host.app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = host.key.get(body.options.challenge, { userHandle: host.handle });
    const passed = await agent.post('/2fa/passkey?to=%2Fbilling', { response }).expect(200);
    expect(passed.body.url).toBe('/2fa/request-ended?to=%2Fbilling');
    expect((await agent.page(passed.body.url).expect(200)).text).toContain('href="/billing"');
  });

  it.each([
    [
      'of another user',
      { userHandle: Buffer.alloc(64).toString('base64url') },
      { code: 'wrong_code', unknownCredential: true },
    ],
    [
      'of a user by a name that is not one of ours, as an imported one may have',
      { userHandle: 'bm9ib2R5' },
      { code: 'wrong_code', unknownCredential: undefined },
    ],
    [
      'that does not say whose it is',
      { userHandle: null },
      { code: 'wrong_code', unknownCredential: undefined },
    ],
    ['without verification', { flags: flag.present }, { code: 'wrong_code' }],
    ['with another signature', { signature: (good: Buffer) => good.fill(1, 10) }, { code: 'wrong_code' }],
  ] as const)('is refused %s', async (_what, lies, error) => {
    const { app, key, handle } = await annWithPasskey();
    const agent = browser(app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle, ...lies });
    const refused = await agent.post('/2fa/passkey', { response });
    expect([refused.status, { unknownCredential: undefined, ...refused.body.error }]).toMatchObject([
      401,
      error,
    ]);
    expect((await agent.get('/me')).body.user).toBeNull();
  });

  it('answers a challenge of its own browser, once', async () => {
    const { app, key, handle } = await annWithPasskey();
    const [agent, other] = [browser(app), browser(app)];
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    await other.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle });
    await other.post('/2fa/passkey', { response }).expect(401);
    await browser(app).post('/2fa/passkey', { response }).expect(401);
    await agent.post('/2fa/passkey', { response }).expect(200);
    await agent.signOut();
    const again = await agent.post('/2fa/passkey', { response }).expect(401);
    expect(again.body.error.code).toBe('code_used');
  });

  it('is not asked for by another site', async () => {
    const { app } = await annWithPasskey();
    await browser(app, 'https://evil.example').post('/2fa/passkey/options').expect(403);
  });

  it('of a user who is gone lets nobody in', async () => {
    const { app, key, handle, users } = await annWithPasskey();
    users.delete('ann');
    const agent = browser(app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle });
    const refused = await agent.post('/2fa/passkey', { response }).expect(401);
    expect(refused.body.error.code).toBe('wrong_code');
    expect(refused.body.error).not.toHaveProperty('unknownCredential');
  });

  it('is offered once to someone who signed in with a code on a device that can have one, and leads on from there', async () => {
    const { app, clock } = passkeysApp();
    const first = browser(app);
    await first.signIn('ann').expect(200);
    const { secret } = await enrolTotp(first, clock.now());
    clock.move(60_000);
    const agent = browser(app);
    await agent.signIn('ann').expect(401);
    const page = await agent.page('/2fa/totp?to=%2Fbilling').expect(200);
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const code = codeAt(secret, clock.now());
    const passed = await agent
      .form('/2fa/totp', { code, form_token: token, to: '/billing', capable: '1' })
      .expect(303);
    expect(passed.headers.location).toBe('/2fa/add-passkey?to=%2Fbilling');
    const offer = await agent.page(passed.headers.location ?? '').expect(200);
    expect(offer.text).toContain('href="/2fa/security/webauthn"');
    expect(offer.text).toContain('href="/billing"');
  });

  it('leads where onSignedIn says, also when that signs its user out again', async () => {
    const { app, key, handle } = await annWithPasskey({
      onSignedIn: (req, _res, { proofs }) =>
        proofs.length === 0
          ? undefined
          : new Promise((resolve, reject) => {
              req.logout((error) => (error ? reject(error as Error) : resolve('/blocked')));
            }),
    });
    const agent = browser(app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle });
    const passed = await agent.post('/2fa/passkey', { response }).expect(200);
    expect(passed.body).toEqual({ status: 'passed', url: '/blocked' });
    expect((await agent.get('/me')).body.user).toBeNull();
  });

  it.each([
    ['fails', () => Promise.reject(new Error('postgres://app:secret@10.0.0.1 is down'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('is no 500 where users.byId %s, and signs in later', async (_what, fails) => {
    const state = { isDown: true };
    const ann = { id: 'id-ann', name: 'ann@example.com' };
    const { app, key, handle, clock } = await annWithPasskey({
      deadline: 60,
      users: {
        id: (user) => user.id,
        name: (user) => user.name,
        byId: (id) => (state.isDown ? fails() : id === ann.id ? ann : null),
      },
    });
    const agent = browser(app);
    const signIn = async () => {
      const { body } = await agent.post('/2fa/passkey/options').expect(200);
      const response = key.get(body.options.challenge, { userHandle: handle });
      return agent.post('/2fa/passkey', { response });
    };
    const refused = await signIn();
    expect([refused.status, refused.body.error.code]).toEqual([503, 'unavailable']);
    expect(refused.text).not.toContain('10.0.0.1');
    expect((await agent.get('/me')).body.user).toBeNull();
    state.isDown = false;
    clock.move(1_000);
    expect((await signIn()).status).toBe(200);
  });
});
