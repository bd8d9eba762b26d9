import {
  memoryAccounts,
  memoryActivity,
  memoryAudit,
  memoryPending,
  memorySender,
  secondFactor,
  type SecondFactor,
} from '../../lib';
import { toBase32 } from '../../lib/crypto/base32';
import { errorCode } from '../support/browser-agent';
import { enrolKey, localKey, proveKey } from '../support/keys';
import { softKey } from '../support/soft-key';
import { read } from './pages';
import { run } from './run-snippet';
import { snippets, snippetWith } from './snippets';
import { freshCode, origin, UsualApp, type User } from './usual-app';

jest.mock('../../lib/mongo', () => ({
  mongoAccounts: () => memoryAccounts(),
  mongoActivity: () => memoryActivity(),
  mongoAudit: () => memoryAudit(),
}));
jest.mock('../../lib/redis', () => ({ redisPending: () => memoryPending() }));

// Libraries of the systems that people come from.
jest.mock('bcrypt', () => ({ default: {} }), { virtual: true });
jest.mock('better-auth/crypto', () => ({ symmetricDecrypt: undefined }), { virtual: true });

const makesItsOwn = (code: string): boolean => /^const twoFactor =/m.test(code);

describe('The snippets of the documentation, on a real app', () => {
  // Files of this repository are tests: what they show runs for the stores that there are.
  const ofAnApp = snippets.filter(({ file }) => file === null);
  it.each(ofAnApp)('$page:$line runs', async (snippet) => {
    const usual = new UsualApp(!makesItsOwn(snippet.code));
    await expect(run(snippet, usual.names)).resolves.toBeDefined();
  });

  it('README: the integration makes a right password ask for the code, and the code signs in', async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('README.md', 'mongoAccounts(mongoose.connection)');
    expect(snippet.code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(12);
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    usual.addRoutes();
    await usual.giveAnnAnApp(twoFactor);

    const ann = usual.visitor();
    expect(
      (await ann.form('/login', { username: 'ann', password: 'right' }).expect(303)).headers.location,
    ).toBe('/2fa');
    expect((await ann.page('/me').expect(303)).headers.location).toBe('/2fa?to=%2Fme');
    expect(errorCode(await ann.get('/me').expect(401))).toBe('second_factor_required');
    expect((await ann.post('/2fa/totp?to=%2Fme', { code: freshCode() }).expect(200)).body.url).toBe('/me');
    expect((await ann.get('/me').expect(200)).body).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'passed', amr: ['otp', 'mfa'] },
    });

    const bob = usual.visitor();
    await bob.signIn('bob').expect(200);
    expect((await bob.get('/me')).body.twoFactor.status).toBe('exempt');
  });

  it('README: without its key the app does not start, and hears why', async () => {
    const usual = new UsualApp(false);
    const started = run(snippetWith('README.md', 'mongoAccounts(mongoose.connection)'), {
      ...usual.names,
      process: { env: {} },
    });
    await expect(started).rejects.toMatchObject({
      code: 'bad_option',
      message: 'keys[0] is undefined.',
    });
  });

  it('README: every page of the list is there', async () => {
    const { usual, ann } = await signedIn();
    const factors = (await usual.twoFactor.statusOf('id-ann')).factors;
    const paths = ['/2fa/choose', '/2fa/totp', '/2fa/confirm', '/2fa/security', '/2fa/security/totp'];
    for (const path of [...paths, '/2fa/security/backup-codes', `/2fa/security/factors/${factors[0]?.id}`])
      await ann.get(path).expect(200);
  });

  it('README: requireProof lets a fresh proof pass and asks for one otherwise', async () => {
    const { usual, ann } = await signedIn(snippetWith('README.md', 'requireProof'));
    await ann.get('/billing').expect(200);
    const late = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 6 * 60_000);
    expect(errorCode(await ann.get('/billing').expect(403))).toBe('step_up_required');
    late.mockRestore();
    expect(errorCode(await usual.visitor().get('/billing').expect(401))).toBe('sign_in_required');
  });

  it('README: onSignedIn runs once for each completed login, and says where to go', async () => {
    const usual = new UsualApp(false);
    const { twoFactor } = await run(snippetWith('README.md', 'onSignedIn'), usual.names);
    const made = twoFactor as SecondFactor<User>;
    usual.app.use(made.protect());
    usual.addRoutes();
    await usual.giveAnnAnApp(made);
    const ann = usual.visitor();
    await ann.signIn('ann').expect(401);
    expect(usual.calls).toEqual([]);
    expect((await ann.post('/2fa/totp', { code: freshCode() })).body.url).toBe('/admin');
    await usual.visitor().signIn('bob').expect(200);
    expect(usual.calls).toEqual([
      ['noteLogin', 'id-ann'],
      ['noteLogin', 'id-bob'],
    ]);
  });

  it('README: a change of password ends the other logins, and deleting the account ends all', async () => {
    const { usual, ann } = await signedIn(snippetWith('README.md', 'signOutEverywhere(req'));
    const bob = [usual.visitor(), usual.visitor()] as const;
    for (const one of bob) await one.signIn('bob').expect(200);
    await bob[0].post('/account/password').expect(303);
    expect((await bob[0].get('/me')).body.user.id).toBe('id-bob');
    expect((await bob[1].get('/me')).body.user).toBeNull();

    await ann.post('/account/delete').expect(303);
    expect((await ann.get('/me')).body.user).toBeNull();
    expect((await usual.twoFactor.statusOf('id-ann')).enabled).toBe(false);
  });

  it('README: a passkey signs in by what the login page has in it', async () => {
    const usual = new UsualApp(false);
    const { twoFactor } = await run(snippetWith('README.md', 'passkeySignIn'), usual.names);
    usual.addRoutes();
    expect(twoFactor).toBeDefined();
    const [ann, key] = [usual.visitor(), softKey()];
    await ann.signIn('ann').expect(200);
    const { handle: userHandle } = await enrolKey(ann, key);

    const visitor = usual.visitor();
    const { body, headers } = await visitor.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle });
    // The app's origin is https, so the cookie is for that alone; the test is not.
    const cookie = /^__Host-[^;]+/.exec(headers['set-cookie']?.[0] ?? '')?.[0] ?? '';
    const passed = await visitor.agent
      .post('/2fa/passkey')
      .set({ Accept: 'application/json', Origin: origin, Cookie: cookie })
      .send({ response })
      .expect(200);
    expect(passed.body.url).toBe('/');
    expect((await visitor.get('/me').expect(200)).body).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'passed', amr: ['pop', 'mfa'] },
    });

    const [inReadme, inGuide] = ['README.md', 'docs/security-keys.md'].map(
      (page) => /```html\n([\s\S]*?)```/.exec(read(page))?.[1],
    );
    expect(inReadme).toBe(inGuide);
    const script = await visitor.page(/src="([^"]+)"/.exec(inReadme ?? '')?.[1] ?? '').expect(200);
    for (const hook of ['[data-passkey]', '[data-passkey-status]', "input[autocomplete$='webauthn']"])
      expect(script.text).toContain(hook);
  });

  it('security keys: a proof by a key is asked for, where nothing else will do', async () => {
    const { usual, ann } = await signedIn(snippetWith('docs/security-keys.md', 'phishingResistant: true'));
    await run(snippetWith('docs/security-keys.md', "authenticate('webauthn')"), usual.names);
    const refused = await ann.post('/payout').expect(403);
    expect(refused.body.error).toMatchObject({ code: 'forbidden', url: '/2fa/security' });

    const key = softKey();
    const { body: options } = await ann.post('/2fa/security/webauthn/options').expect(200);
    await ann.post('/2fa/security/webauthn', { response: key.create(options.challenge) }).expect(201);
    const asked = await ann.post('/payout').expect(403);
    expect(errorCode(asked)).toBe('step_up_required');
    expect((await proveKey(ann, key)).status).toBe(200);
    await ann.post('/payout').expect(200);
    await ann.get('/keys-of-the-house').expect(200);

    const half = usual.visitor();
    await half.signIn('ann').expect(401);
    const { body: wanted } = await half.post('/2fa/webauthn/options').expect(200);
    const answer = await half.post('/api/key-step', { response: key.get(wanted.challenge) }).expect(200);
    expect(answer.body).toEqual({ amr: ['pop', 'mfa'] });
  });

  it('security keys: a bearer is told as the page says', async () => {
    const { usual, ann } = await signedIn(snippetWith('docs/security-keys.md', 'phishingResistant: true'));
    const { body: options } = await ann.post('/2fa/security/webauthn/options').expect(200);
    await ann.post('/2fa/security/webauthn', { response: softKey().create(options.challenge) }).expect(201);
    const told = await ann.agent
      .post('/payout')
      .set({ Accept: 'application/json', Origin: origin, Authorization: 'Bearer abc' })
      .expect(401);
    const [, shown] = /^WWW-Authenticate: (.*)$/m.exec(read('docs/security-keys.md')) ?? [];
    expect(told.headers['www-authenticate']).toBe(shown);
    expect(usual.calls).toEqual([]);
  });

  it('own pages: a template of the app takes the place of ours', async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('docs/own-pages-and-strategies.md', 'views: ');
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    usual.app.use(twoFactor.protect());
    usual.addRoutes();
    const bob = usual.visitor();
    await bob.signIn('bob').expect(200);
    const { text } = await bob.page('/2fa/security').expect(200);
    expect(text).toContain('<link rel="stylesheet" href="/webadmin.css">');
    expect(text).toContain('/2fa/assets/style.css');
  });

  it('own pages: a route of the app takes the code that ours sent', async () => {
    const usual = new UsualApp(false);
    const outbox = memorySender();
    const made = secondFactor<User>({ ...usual.options, sms: { send: outbox } });
    usual.app.use(made.protect());
    const snippet = snippetWith('docs/own-pages-and-strategies.md', "authenticate('otp-sms')");
    await run(snippet, { ...usual.names, twoFactor: made });
    usual.addRoutes();
    const phone = { type: 'otp-sms', address: '+420603123456', label: 'Phone' } as const;
    expect(await made.importFactor('id-ann', phone)).toMatchObject({ ok: true });

    const ann = usual.visitor();
    await ann.signIn('ann').expect(401);
    const { body } = await ann.post('/2fa/otp-sms/send', {}).expect(200);
    expect(Object.keys(body)).toEqual(['sentTo', 'expiresAt', 'resendAt']);
    const code = /\d{6}/.exec(outbox.sent[0]?.text ?? '')?.[0];
    expect((await ann.post('/api/sms-step', { code }).expect(200)).body.amr).toEqual(['sms', 'mfa']);
  });

  it('own pages: a step page of the app completes the login', async () => {
    const usual = new UsualApp(true);
    await run(snippetWith('docs/own-pages-and-strategies.md', 'failureRedirect'), usual.names);
    usual.addRoutes();
    await usual.giveAnnAnApp();
    const ann = usual.visitor();
    await ann.signIn('ann').expect(401);
    const wrong = await ann.form('/2fa', { code: '000000' }).expect(302);
    expect(wrong.headers.location).toBe('/2fa?wrong');
    const right = await ann.form('/2fa?to=%2Fme', { code: freshCode() }).expect(303);
    expect(right.headers.location).toBe('/me');
    expect((await ann.get('/me')).body.user.id).toBe('id-ann');
    expect((await ann.page('/2fa').expect(303)).headers.location).toBe('/');
    await ann.get('/2fa/security').expect(200);
  });

  it('own pages: authenticate is strategy and finishLogin in one', async () => {
    const usual = new UsualApp(true);
    usual.app.use(usual.twoFactor.protect({ allow: ['/api/step'] }));
    await run(snippetWith('docs/own-pages-and-strategies.md', "authenticate('totp'), (req"), usual.names);
    usual.addRoutes();
    await usual.giveAnnAnApp();
    const ann = usual.visitor();
    await ann.signIn('ann').expect(401);
    expect(errorCode(await ann.post('/api/step', { code: '000000' }).expect(401))).toBe('wrong_code');
    expect((await ann.post('/api/step', { code: freshCode() }).expect(200)).body.amr).toEqual(['otp', 'mfa']);
  });

  it("own pages: with owed: 'callback' the app answers the login", async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('docs/own-pages-and-strategies.md', "owed: 'callback'");
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    await usual.giveAnnAnApp(twoFactor);
    expect((await usual.visitor().signIn('ann').expect(401)).body).toEqual({ step: '/2fa' });
    expect((await usual.visitor().signIn('bob').expect(200)).body.user.id).toBe('id-bob');
  });

  it('own pages: accept takes over a proof of the identity provider', async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('docs/own-pages-and-strategies.md', 'claimsOf');
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    usual.app.use(twoFactor.protect());
    usual.addRoutes();
    await usual.giveAnnAnApp(twoFactor);
    await usual.visitor().signIn('ann').expect(401);
    const ann = usual.visitor();
    await ann.signIn('ann').set('x-test-amr', 'pwd mfa').expect(200);
    expect((await ann.get('/me')).body.twoFactor).toMatchObject({ status: 'passed', amr: ['pwd', 'mfa'] });
  });

  it('tokens: a password and a code give a token, a password alone does not', async () => {
    const usual = new UsualApp(true);
    await run(snippetWith('docs/jwt-apps.md', "app.post('/token'"), usual.names);
    await usual.giveAnnAnApp();
    const ask = (body: object) => usual.visitor().post('/token', body);
    const ann = { username: 'ann', password: 'right' };
    const code = freshCode();
    expect(errorCode(await ask({ ...ann, password: 'wrong' }).expect(401))).toBe('wrong_password');
    expect(errorCode(await ask(ann).expect(401))).toBe('malformed');
    expect(errorCode(await ask({ ...ann, code: '000000' }).expect(401))).toBe('wrong_code');
    expect((await ask({ ...ann, code }).expect(200)).body.token).toContain('id-ann');
    expect(errorCode(await ask({ ...ann, code }).expect(401))).toBe('code_used');
    await ask({ ...ann, username: 'bob' }).expect(200);
  });

  it('tokens: a named token strategy passes, a password without a session does not', async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('docs/jwt-apps.md', 'tokenStrategies');
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    usual.app.post('/basic', usual.passport.authenticate('local', { session: false }), (_req, res) => {
      res.json({});
    });
    usual.addRoutes();
    await usual.giveAnnAnApp(twoFactor);
    await usual.visitor().get('/api/orders').set('Authorization', 'Bearer ann').expect(200);
    const refused = await usual.visitor().post('/basic', { username: 'ann', password: 'right' }).expect(500);
    expect(refused.body.appError).toBe('second_factor_required');
  });

  it('tokens: statusFrom knows a websocket upgrade', async () => {
    const { usual, ann } = await signedIn();
    const statuses: string[] = [];
    usual.app.use(async (req, res) => {
      statuses.push((await usual.twoFactor.statusFrom(req)).status);
      res.end();
    });
    await ann.get('/socket', 'image/*');
    await usual.visitor().get('/socket', 'image/*');
    expect(statuses).toEqual(['passed', 'none']);
  });

  it('translate: the pages speak the added language, and English where it has nothing', async () => {
    const usual = new UsualApp(false);
    const twoFactor = (await run(snippetWith('docs/translate.md', 'Confirmez'), usual.names))
      .twoFactor as SecondFactor<User>;
    usual.app.use(twoFactor.protect());
    usual.addRoutes();
    await usual.giveAnnAnApp(twoFactor);
    const ann = usual.visitor();
    await ann.signIn('ann').expect(401);
    const { text } = await ann.page('/2fa').set('Accept-Language', 'fr').expect(200);
    expect(text).toContain('<html lang="fr"');
    expect(text).toContain('Confirmez votre identité');
    expect(text).toContain('Connexion en tant que <strong>');
    expect(text).toContain('Cancel and sign out');
  });

  it('proxy: with a path in origin, redirects and links begin with it', async () => {
    const usual = new UsualApp(false);
    const snippet = snippetWith('docs/behind-a-proxy.md', "origin: 'https://example.com/app'");
    const twoFactor = (await run(snippet, usual.names)).twoFactor as SecondFactor<User>;
    usual.app.use(twoFactor.protect());
    usual.addRoutes();
    await usual.giveAnnAnApp(twoFactor);
    const ann = usual.visitor('https://example.com');
    const owed = await ann.form('/login', { username: 'ann', password: 'right' }).expect(303);
    expect(owed.headers.location).toBe('/app/2fa');
    expect((await ann.page('/me').expect(303)).headers.location).toBe('/app/2fa?to=%2Fapp%2Fme');
    expect((await ann.page('/2fa').expect(200)).text).toContain('action="/app/2fa/totp"');
  });

  it('csp: the pages send the headers of the page, and no other policy', async () => {
    const { ann } = await signedIn();
    const [, block = ''] =
      /```\n(Content-Security-Policy:[\s\S]*?)```/.exec(read('docs/strict-csp.md')) ?? [];
    const { headers } = await ann.page('/2fa/security').expect(200);
    const told = block
      .trim()
      .split('\n')
      .map((line) => line.split(/: (.*)/));
    expect(told).toHaveLength(5);
    expect(told.map(([name = '']) => [name, headers[name.toLowerCase()]])).toEqual(
      told.map(([name, value]) => [name, value]),
    );
  });

  it('lost phone: after the reset the password alone signs in, and old logins are over', async () => {
    const { usual, ann } = await signedIn(snippetWith('docs/user-lost-phone.md', 'forget-two-factor'));
    const other = usual.visitor();
    await other.signIn('ann').expect(401);
    await ann.post('/admin/users/id-ann/forget-two-factor').expect(303);
    expect((await ann.get('/me')).body.user).toBeNull();
    await usual.visitor().signIn('ann').expect(200);
    expect(usual.calls).toEqual([['mail', 'id-ann', expect.any(String)]]);
  });

  it('move in: whatever the old system kept is imported once, and can be run again', async () => {
    const usual = new UsualApp(false);
    const page = 'docs/move-in.md';
    const verify = async (hash: string, code: string) => hash === `hash of ${code}`;
    const twoFactor = secondFactor<User>({ ...usual.options, backupCodes: { verify } });
    const names = { ...usual.names, twoFactor };
    const { moveIn } = await run(snippetWith(page, 'const moveIn'), names);
    const key = localKey();
    const oldUsers = Array.from({ length: 41 }, (_, at) => ({
      id: `old-${at}`,
      twoFactorSecret: { base32: toBase32(Buffer.alloc(32, 1)) },
      otpSecret: toBase32(Buffer.alloc(10, 2)),
      totpSecret: toBase32(Buffer.alloc(20, 3)),
      recoveryCodes: [
        { hash: 'hash of aaa-111', used: false },
        { hash: 'hash of bbb-222', used: true },
      ],
      passkeys: at === 0 ? [{ id: key.id, publicKey: key.publicKey, counter: 0 }] : [],
    }));
    const ways = [
      'twoFactorSecret.base32, label',
      'user.otpSecret',
      'credential, label',
      'recoveryCodes }) =>',
    ];
    for (const way of [...ways, ...ways]) {
      await run(snippetWith(page, way), { ...names, moveIn, oldUsers });
    }
    const { factors, backupCodes } = await twoFactor.statusOf('old-0');
    expect(factors.map(({ type, label, weak }) => [type, label, weak])).toEqual([
      ['totp', 'Authenticator app', undefined],
      ['totp', 'Authenticator app 2', true],
      ['webauthn', 'Passkey', undefined],
      ['totp', 'Authenticator app 3', undefined],
    ]);
    expect(backupCodes).toMatchObject({ left: 1, imported: true });
    expect((await twoFactor.statusOf('old-40')).factors).toHaveLength(3);
    expect(await twoFactor.verify('old-40', 'backup-code', { code: 'aaa-111' })).toEqual({ ok: true });
    // A line for every twenty users, and none about a refusal.
    expect(usual.calls.filter(([, text]) => !String(text).startsWith('up to old-'))).toEqual([]);
    const { calls } = usual;
    expect(calls.at(-1)).toEqual(['log', 'up to old-40', { duplicate: 82 }]);
  });

  it('keys: what the old key sealed opens with the new one first, and usage counts it', async () => {
    const usual = new UsualApp(false);
    const steps = snippets.filter(({ page, code }) => page === 'docs/rotate-keys.md' && makesItsOwn(code));
    expect(steps).toHaveLength(2);
    for (const [index, step] of steps.entries()) {
      // Each deploy is a new process, with a Passport of its own.
      const options = { ...usual.options, passport: new UsualApp(false).passport };
      const twoFactor = (await run(step, { ...usual.names, options })).twoFactor as SecondFactor<User>;
      if (index === 0) await usual.giveAnnAnApp(twoFactor);
      expect((await twoFactor.keys.usage()).map(({ accounts }) => accounts)).toEqual(
        [
          [1, 0],
          [0, 1],
        ][index],
      );
      expect(await twoFactor.verify('id-ann', 'totp', { code: freshCode(index) })).toEqual({ ok: true });
    }
  });

  it('events: listeners hear of a replay, and audit of a removal', async () => {
    const { usual, ann, code } = await signedIn(snippetWith('docs/events.md', 'proof.replayed'));
    await usual.twoFactor.verify('id-ann', 'totp', { code });
    const [factor] = (await usual.twoFactor.statusOf('id-ann')).factors;
    await ann.post(`/2fa/security/factors/${factor?.id}/remove`).expect(200);
    expect(usual.calls.map(([name]) => name)).toEqual(['alert', 'audit']);
  });
});

/** An app that a snippet was run in, below `protect()`, and Ann signed in with both factors. */
async function signedIn(snippet?: (typeof snippets)[number]) {
  const usual = new UsualApp(true);
  usual.app.use(usual.twoFactor.protect({ signOut: '/logout' }));
  if (snippet) await run(snippet, usual.names);
  usual.addRoutes();
  await usual.giveAnnAnApp();
  const ann = usual.visitor();
  const code = freshCode();
  await ann.signIn('ann').expect(401);
  await ann.post('/2fa/totp', { code }).expect(200);
  return { usual, ann, code };
}
