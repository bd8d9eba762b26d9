import { toBase32 } from '../../lib/crypto/base32';
import { browser, codeAt, errorCode, halfLogin } from '../support/browser-agent';
import { hostApp, type HostApp } from '../support/host-app';
import { localKey, passkeysApp, proveKey } from '../support/keys';
import { flag, type SoftKey } from '../support/soft-key';

const seed = toBase32(Buffer.alloc(20, 1));
const app = { type: 'totp', secret: seed, label: 'App' } as const;
const handle = Buffer.alloc(32, 9).toString('base64url');
const owed = (host: HostApp) => halfLogin(host);

const importKey = (host: HostApp, key: SoftKey, given: object = {}) =>
  host.twoFactor.importFactor('id-ann', {
    type: 'webauthn',
    label: 'Passkey',
    credential: { id: key.id, publicKey: key.publicKey, counter: 0, deviceType: 'singleDevice', ...given },
  });

describe('People who are imported', () => {
  it('stay signed in as what they proved, owe it at the next login, and at once where it matters', async () => {
    const host = hostApp();
    const ann = browser(host.app);
    await ann.signIn('ann').expect(200);
    expect(await host.twoFactor.importFactor('id-ann', app)).toMatchObject({ ok: true });

    expect((await ann.get('/me')).body).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'exempt', proofs: [] },
    });
    // To change their factors they confirm it's them, like everyone who has one.
    const add = await ann.get('/2fa/security/totp').expect(403);
    expect(errorCode(add)).toBe('step_up_required');
    await ann.post('/2fa/totp', { code: codeAt(seed, host.clock.now()) }).expect(200);
    expect((await ann.get('/me')).body.twoFactor.status).toBe('passed');
    await ann.get('/2fa/security/totp').expect(200);

    await browser(host.app).signIn('ann').expect(401);
  });

  it('are signed out where the app says so', async () => {
    const host = hostApp();
    const ann = browser(host.app);
    await ann.signIn('ann').expect(200);
    await host.twoFactor.importFactor('id-ann', app, { signOut: true });
    expect((await ann.get('/me')).body.user).toBeNull();
  });

  it('are signed out by nothing of a second run', async () => {
    const host = hostApp();
    await host.twoFactor.importFactor('id-ann', app);
    const ann = await owed(host);
    await ann.post('/2fa/totp', { code: codeAt(seed, host.clock.now()) }).expect(200);
    expect(await host.twoFactor.importFactor('id-ann', app, { signOut: true })).toMatchObject({
      code: 'duplicate',
    });
    expect((await ann.get('/me')).body.twoFactor.status).toBe('passed');
  });

  it('see that a short seed should be replaced, and that their codes are the old ones', async () => {
    const host = hostApp();
    const weak = toBase32(Buffer.alloc(10, 1));
    await host.twoFactor.importFactor('id-ann', { ...app, secret: weak });
    const codes = ['aaaa-1111', 'bbbb-2222', 'cccc-3333', 'dddd-4444', 'eeee-5555'];
    await host.twoFactor.importFactor('id-ann', { type: 'backup-codes', codes });
    const ann = await owed(host);
    const step = await ann.page('/2fa/backup-code').expect(200);
    expect(step.text).toContain('Type it exactly as you saved it.');
    await ann.post('/2fa/totp', { code: codeAt(weak, host.clock.now()) }).expect(200);
    const { text } = await ann.page('/2fa/security').expect(200);
    expect(text).toContain('its key is shorter than it should be');
    expect(text).toContain('the codes you saved earlier');
    const { body } = await ann.get('/2fa/security').expect(200);
    expect(body.types[0].factors).toMatchObject([{ weak: true }]);
    expect(body.backupCodes).toMatchObject({ left: 5, total: 5, imported: true });
    expect((await ann.page('/2fa/security/backup-codes')).text).toContain('the codes you saved earlier');

    await ann.post('/2fa/security/backup-codes').expect(201);
    const made = await ann.get('/2fa/security/backup-codes').expect(200);
    const [code]: string[] = made.body.pending;
    await ann.post('/2fa/security/backup-codes/acknowledge', { code }).expect(200);
    expect((await ann.page('/2fa/security')).text).not.toContain('the codes you saved earlier');
    expect((await host.twoFactor.statusOf('id-ann')).backupCodes).not.toHaveProperty('imported');
  });
});

describe('A key that was registered elsewhere', () => {
  it.each([
    ['says nothing of its user', null],
    ['has its own name for its user', handle],
  ])('is a second factor here, where it %s', async (_what, userHandle) => {
    const host = hostApp();
    const key = localKey();
    expect(await importKey(host, key)).toMatchObject({ ok: true });
    const ann = await owed(host);
    expect((await proveKey(ann, key, { userHandle })).body).toMatchObject({ status: 'passed' });
    expect((await ann.get('/me')).body.twoFactor.proofs).toMatchObject([{ type: 'webauthn' }]);
  });

  it('is refused with another signature, and another key instead of it', async () => {
    const host = hostApp();
    const key = localKey();
    await importKey(host, key);
    const ann = await owed(host);
    const signature = (good: Buffer) => good.fill(1, 10);
    expect(errorCode(await proveKey(ann, key, { signature }))).toBe('wrong_code');
    expect(errorCode(await proveKey(ann, localKey()))).toBe('wrong_code');
    await ann.get('/me').expect(401);
  });

  it('goes on signing in by itself, if what it calls its user came with it', async () => {
    const host = passkeysApp();
    const key = localKey();
    await importKey(host, key, { webauthnUserID: handle });
    const ann = browser(host.app);
    const { body } = await ann.post('/2fa/passkey/options').expect(200);
    await ann
      .post('/2fa/passkey', { response: key.get(body.options.challenge, { userHandle: handle }) })
      .expect(200);
    expect((await ann.get('/me')).body.twoFactor).toMatchObject({ status: 'passed' });
  });

  it.each([
    ['did not come', {}],
    ['is another than that of the first key', { webauthnUserID: Buffer.alloc(32, 8).toString('base64url') }],
  ])('does not sign in by itself, and no browser is told to forget it, if that %s', async (_what, given) => {
    const host = passkeysApp();
    const [first, key] = [localKey(), localKey()];
    await importKey(host, first, { webauthnUserID: handle });
    await importKey(host, key, given);
    const own = Buffer.alloc(32, 8).toString('base64url');
    const ann = browser(host.app);
    const { body } = await ann.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: own });
    const refused = await ann.post('/2fa/passkey', { response }).expect(401);
    expect(refused.body.error).not.toHaveProperty('unknownCredential');
    // But it is a second factor.
    host.clock.move(1000);
    expect((await proveKey(await owed(host), key, { userHandle: own })).status).toBe(200);
  });

  it('does not sign in by itself by naming the handle of the account', async () => {
    const host = passkeysApp();
    const [first, key] = [localKey(), localKey()];
    await importKey(host, first, { webauthnUserID: handle });
    await importKey(host, key);
    const ann = browser(host.app);
    const { body } = await ann.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle });
    await ann.post('/2fa/passkey', { response }).expect(401);
    expect((await ann.get('/me')).body.user).toBeNull();
  });

  it('comes once: again is a duplicate, and so is one that another user has', async () => {
    const host = hostApp();
    const key = localKey();
    await importKey(host, key);
    expect(await importKey(host, key)).toEqual({ ok: false, code: 'duplicate', field: 'credential' });
    const credential = { id: key.id, publicKey: key.publicKey, counter: 0 };
    expect(
      await host.twoFactor.importFactor('id-bob', { type: 'webauthn', credential, label: 'Passkey' }),
    ).toMatchObject({ ok: false, code: 'duplicate', reason: 'key_elsewhere' });
    expect((await host.twoFactor.statusOf('id-bob')).enabled).toBe(false);
  });

  it('is not taken where keys are off', async () => {
    const host = hostApp({ webauthn: false });
    expect(await importKey(host, localKey())).toMatchObject({ code: 'not_found' });
  });

  it('goes on counting from where it was', async () => {
    const host = hostApp();
    const key = localKey();
    await importKey(host, key, { counter: 41n });
    const flags = flag.present | flag.verified;
    const refused = await proveKey(await owed(host), key, { flags, signCount: 41 });
    expect(errorCode(refused)).toBe('wrong_code');
    host.clock.move(1000);
    expect((await proveKey(await owed(host), key, { flags, signCount: 42 })).status).toBe(200);
  });
});

describe('Backup codes that another system hashed', () => {
  const verify = jest.fn(async (hash: string, code: string) => hash === `hash of ${code}`);
  const hashes = ['Ab3-dE6', 'Gh9-kL2'].map((code) => `hash of ${code}`);
  const given = { backupCodes: { verify } };
  beforeEach(() => verify.mockClear());

  async function moved() {
    const host = hostApp(given);
    await host.twoFactor.importFactor('id-ann', app);
    await host.twoFactor.importFactor('id-ann', { type: 'backup-codes', hashes });
    return host;
  }

  it('sign in once each, and lead on to the page that says how many are left', async () => {
    const host = await moved();
    const ann = await owed(host);
    const { body } = await ann.post('/2fa/backup-code', { code: ' Ab3-dE6' }).expect(200);
    expect(body).toMatchObject({ status: 'passed', backupCodesLeft: 1 });
    expect(errorCode(await (await owed(host)).post('/2fa/backup-code', { code: 'Ab3-dE6' }))).toBe(
      'code_used',
    );
  });

  it('are checked for ten guesses from strange browsers a day, whatever number of logins they use', async () => {
    const host = await moved();
    const codes: (string | undefined)[] = [];
    for (let login = 0; login < 4; login += 1) {
      const thief = await owed(host);
      for (let guess = 0; guess < 4; guess += 1)
        codes.push(errorCode(await thief.post('/2fa/backup-code', { code: `guess-${login}-${guess}` })));
    }
    expect(codes.filter((code) => code === 'wrong_code')).toHaveLength(10);
    expect(codes.slice(10)).toEqual(Array.from({ length: 6 }, () => 'locked'));
    expect(verify).toHaveBeenCalledTimes(20);
  });

  it('are down, and nobody is let in, while the check fails', async () => {
    const host = await moved();
    verify.mockRejectedValueOnce(new Error('what no one should read'));
    const refused = await (await owed(host)).post('/2fa/backup-code', { code: 'Ab3-dE6' }).expect(503);
    expect(JSON.stringify(refused.body)).not.toContain('no one should read');
    await (await owed(host)).post('/2fa/backup-code', { code: 'Ab3-dE6' }).expect(200);
  });

  it('do not let in on anything but true', async () => {
    const host = await moved();
    verify.mockResolvedValueOnce('true' as never).mockResolvedValueOnce(1 as never);
    const refused = await (await owed(host)).post('/2fa/backup-code', { code: 'whatever' });
    expect(errorCode(refused)).toBe('wrong_code');
  });
});
