import { sign } from 'node:crypto';
import { browser, enrolTotp, halfLogin } from '../support/browser-agent';
import type { Cbor } from '../support/cbor';
import { certificate } from '../support/certificate';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { addKey, localKey, passkeysApp, proveKey } from '../support/keys';
import { flag, type Lies } from '../support/soft-key';
import {
  accountOf,
  annWithKey,
  challengeOf,
  ownerOf,
  signIn,
  signedIn,
  told,
  userOf,
  type Given,
} from './keys-cast';

const wrong: [number, string] = [401, 'wrong_code'];

describe('What strangers learn about keys', () => {
  it('F28: an unknown key and a wrong signature are told apart by nobody', async () => {
    const ann = await annWithKey();
    const answers = [
      await signIn(ann, { signature: (good) => good.fill(1, 10) }),
      await signIn(ann, {}, localKey()),
      await signIn(ann, { userHandle: 'bm9ib2R5' }),
      await signIn(ann, { client: { origin: 'https://evil.example' } }),
    ];
    const [first] = answers;
    for (const { status, body } of answers) expect([status, body]).toEqual([first?.status, first?.body]);
  });

  it('F28: before the first factor nobody learns who has keys, nor which', async () => {
    const ann = await ownerOf(passkeysApp());
    const agent = browser(ann.app);
    const { body } = await agent
      .post('/2fa/passkey/options', { username: 'ann', userId: 'id-ann' })
      .expect(200);
    expect(body.options.allowCredentials).toEqual([]);
    expect(JSON.stringify(body)).not.toContain(ann.key.id);
    expect(told(await agent.post('/2fa/webauthn/options'))).toEqual([401, 'sign_in_required']);
    expect(told(await agent.post('/2fa/security/webauthn/options'))).toEqual([401, 'sign_in_required']);

    // Of a handle that is nobody's, all is as with one that is somebody's.
    const refused = async (userHandle: string) => {
      const visitor = browser(ann.app);
      const asked = await visitor.post('/2fa/passkey/options').expect(200);
      const response = localKey().get(asked.body.options.challenge, { userHandle });
      const { status, body: error } = await visitor.post('/2fa/passkey', { response });
      return { status, error: error as unknown };
    };
    expect(await refused(ann.handle)).toEqual(await refused(Buffer.alloc(64, 3).toString('base64url')));
  });
});

describe('F32: the site is what the options say', () => {
  it.each([
    { Host: 'evil.example' },
    { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' },
    { Forwarded: 'host=evil.example;proto=https' },
  ])('F32: whatever %j says', async (headers) => {
    const ann = await ownerOf(passkeysApp());
    const half = await halfLogin(ann);
    const paths = [
      [ann.agent, '/2fa/security/webauthn/options'],
      [half, '/2fa/webauthn/options'],
      [half, '/2fa/passkey/options'],
    ] as const;
    for (const [agent, path] of paths) {
      const { body } = await agent.post(path).set(headers).expect(200);
      const options = body.options ?? body;
      expect(options.rpId ?? options.rp.id).toBe('localhost');
      expect(JSON.stringify(body)).not.toContain('evil');
    }
    const lies = { client: { origin: 'https://evil.example' }, rpId: 'evil.example' };
    const response = ann.key.get(await challengeOf(half), lies);
    const refused = await half.post('/2fa/webauthn', { response }).set(headers);
    expect(told(refused)).toEqual(wrong);
    ann.clock.move(1 * seconds);
    const right = ann.key.get(await challengeOf(half));
    await half.post('/2fa/webauthn', { response: right }).set(headers).expect(200);
  });
});

/** An app whose pages want a key, or one that verified its owner. */
const guarded = (given: Given = {}) =>
  hostApp(given, (app, twoFactor) => {
    app.get('/safe', twoFactor.requireProof({ phishingResistant: true }), (_req, res) =>
      res.json({ safe: true }),
    );
    app.get('/owner', twoFactor.requireProof({ userVerified: true, within: '5m' }), (_req, res) =>
      res.json({ owner: true }),
    );
    app.get(
      '/sms',
      twoFactor.requireProof({ phishingResistant: true, types: ['webauthn', 'totp'] }),
      (_req, res) => res.json({ sms: false }),
    );
  });

describe('What a proof by a key is good for', () => {
  it('a page that wants what resists phishing takes a key and no backup code, and leads to the key and back', async () => {
    const ann = await ownerOf(guarded());
    const agent = await halfLogin(ann);
    await agent.post('/2fa/backup-code', { code: ann.backupCodes[5] ?? '' }).expect(200);
    await agent.get('/billing').expect(200);
    const refused = await agent.get('/safe').expect(403);
    expect(refused.body.error).toMatchObject({
      code: 'step_up_required',
      url: '/2fa/confirm?to=%2Fsafe&need=webauthn',
    });
    expect(told(await agent.get('/sms'))).toEqual([403, 'step_up_required']);
    const page = await agent.page('/safe').expect(303);
    expect(page.headers.location).toBe('/2fa/confirm?to=%2Fsafe&need=webauthn');
    const confirm = await agent.get(page.headers.location ?? '').expect(200);
    expect(confirm.body).toMatchObject({ status: 'confirm' });
    const passed = await agent.post('/2fa/webauthn?to=%2Fsafe&need=webauthn', {
      response: ann.key.get(await challengeOf(agent)),
    });
    expect([passed.status, passed.body]).toEqual([200, { status: 'passed', url: '/safe' }]);
    await agent.get('/safe').expect(200);
  });

  it('a page that wants its owner verified asks the key for it, and the touch alone does not do', async () => {
    const ann = await ownerOf(guarded());
    const agent = await halfLogin(ann);
    expect((await proveKey(agent, ann.key, { flags: flag.present })).status).toBe(200);
    await agent.get('/safe').expect(200);
    const refused = await agent.get('/owner').expect(403);
    const url = '/2fa/confirm?to=%2Fowner&need=webauthn&uv=1';
    expect(refused.body.error).toMatchObject({ code: 'step_up_required', url });
    expect((await agent.page('/owner').expect(303)).headers.location).toBe(url);
    const page = await agent.page(url).expect(200);
    expect(page.text).toMatch(/\/2fa\/webauthn\/options\?[^"]*uv=1/);

    ann.clock.move(1 * seconds);
    // Whoever leaves the need out of the address proves no more than was asked for.
    expect((await proveKey(agent, ann.key, { flags: flag.present })).status).toBe(200);
    await agent.get('/owner').expect(403);
    ann.clock.move(1 * seconds);
    const asked = await agent.post('/2fa/webauthn/options?need=webauthn&uv=1').expect(200);
    const answer = (flags: number) => ({ response: ann.key.get(asked.body.challenge, { flags }) });
    expect(told(await agent.post('/2fa/webauthn', answer(flag.present)))).toEqual(wrong);
    const passed = await agent
      .post('/2fa/webauthn?to=%2Fowner', answer(flag.present | flag.verified))
      .expect(200);
    expect(passed.body.url).toBe('/owner');
    await agent.get('/owner').expect(200);
    ann.clock.move(5 * minutes + 1);
    await agent.get('/owner').expect(403);
  });

  it('someone without a key is told where to add one, and not sent round in circles', async () => {
    const host = guarded();
    const agent = await signedIn(host);
    await enrolTotp(agent, host.clock.now());
    const refused = await agent.get('/safe');
    expect(refused.body.error).toMatchObject({ code: 'forbidden', url: '/2fa/security' });
    const bare = browser(host.app);
    await bare.signIn('cyd').expect(200);
    expect(told(await bare.get('/safe'))).toEqual([403, 'forbidden']);
  });

  it('a script with a token is told by RFC 9470 what is missing', async () => {
    const ann = await ownerOf(guarded());
    const agent = await halfLogin(ann);
    await agent.post('/2fa/backup-code', { code: ann.backupCodes[5] ?? '' }).expect(200);
    const challenge = async (path: string) => {
      const refused = await agent.get(path).set('Authorization', 'Bearer x').expect(401);
      expect(refused.body.error.code).toBe('step_up_required');
      return refused.headers['www-authenticate'];
    };
    const said =
      'Bearer error="insufficient_user_authentication", error_description="A newer proof is required"';
    expect(await challenge('/safe')).toBe(`${said}, acr_values="phr"`);
    expect(await challenge('/owner')).toContain('max_age="300"');
    ann.clock.move(5 * minutes + 1);
    expect(await challenge('/billing')).toBe(`${said}, max_age="300"`);
  });

  it('is `hwk` of a key whose maker vouched that it stays in its device, and `pop` of any other', async () => {
    const model = Buffer.from('08987058cadc4b81b6e130de50dcbe96', 'hex');
    const root = certificate('Root', { isCa: true });
    const batch = certificate('Batch', { issuer: root, aaguid: model });
    const statement = (signed: Buffer) =>
      new Map<string, Cbor>([
        ['alg', -7],
        ['sig', sign('sha256', signed, batch.privateKey)],
        ['x5c', [batch.der]],
      ]);
    const vouched: Lies = { format: 'packed', statement };
    const bound = flag.present | flag.verified;
    const synced = bound | flag.eligible;
    const trusting = { webauthn: { attestation: { roots: [root.pem] } } };
    for (const [given, lies, flags, amr] of [
      [trusting, vouched, bound, ['hwk', 'mfa']],
      [trusting, { ...vouched, flags: synced }, synced, ['pop', 'mfa']],
      [{}, vouched, bound, ['pop', 'mfa']],
      [{}, {}, bound, ['pop', 'mfa']],
    ] as const) {
      const key = localKey(-7, undefined, model);
      const ann = await ownerOf(hostApp(given), key, 'ann', lies);
      expect((await ann.agent.get('/me')).body.twoFactor.amr).toEqual(amr);
      const agent = await halfLogin(ann);
      expect((await proveKey(agent, key, { flags })).status).toBe(200);
      expect((await agent.get('/me')).body.twoFactor.amr).toEqual(amr);
    }
  });

  it('counts its tries by login: five wrong ones end it, and no other login, code or lane pays for them', async () => {
    const ann = await annWithKey();
    const agent = await halfLogin(ann);
    const before = await accountOf(ann);
    for (const triesLeft of [4, 3, 2, 1, 0]) {
      ann.clock.move(1 * seconds);
      const refused = await proveKey(agent, localKey());
      expect(refused.body.error).toMatchObject({ code: 'wrong_code', triesLeft });
    }
    expect(told(await agent.post('/2fa/webauthn/options'))).toEqual([401, 'half_login_ended']);
    expect(await accountOf(ann)).toEqual(before);
    expect(await userOf(agent)).toBeNull();
    const again = await halfLogin(ann);
    expect((await proveKey(again, ann.key)).status).toBe(200);

    // Of a complete login they wait ten minutes, and it stays signed in.
    for (let round = 0; round < 5; round += 1) {
      ann.clock.move(1 * seconds);
      expect(told(await proveKey(again, localKey()))).toEqual(wrong);
    }
    expect(told(await again.post('/2fa/webauthn/options'))).toEqual([429, 'locked']);
    expect(await userOf(again)).toBe('id-ann');
    ann.clock.move(10 * minutes);
    expect((await proveKey(again, ann.key)).status).toBe(200);
    expect((await addKey(again, localKey())).status).toBe(201);
  });
});
