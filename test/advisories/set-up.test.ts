import type { UserId } from '../../lib/account/account';
import { fromBase32, toBase32 } from '../../lib/crypto/base32';
import { randomTotpSecret } from '../../lib/crypto/random';
import { memoryAccounts, memoryPending, type Accounts, type Pending } from '../../lib';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  type BrowserAgent,
  halfLogin,
} from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { describeIf } from '../support/needs';
import { intercepted } from '../support/override';
import { addApp, factorIds, listen, submit, withAnn, type Cast } from './cast';
import { readByJsQr, readByZbar } from './read-qr';

const freshBob = async (given: Parameters<typeof hostApp>[0] = {}) => {
  const host = hostApp(given);
  const bob = browser(host.app);
  await bob.signIn('bob').expect(200);
  return { ...host, bob };
};

/** Every request that changes factors or codes, or shows what they are made of. */
const changes = (id: string) =>
  [
    ['GET', '/2fa/security/totp'],
    ['POST', '/2fa/security/backup-codes'],
    ['POST', `/2fa/security/factors/${id}/rename`],
    ['POST', `/2fa/security/factors/${id}/prefer`],
    ['POST', `/2fa/security/factors/${id}/remove`],
    ['PATCH', `/2fa/security/factors/${id}`],
    ['DELETE', `/2fa/security/factors/${id}`],
  ] as const;

const send = ({ agent }: BrowserAgent, method: string, path: string) => {
  const body = { label: 'New', code: '123456' };
  const ours = { Accept: 'application/json', Origin: 'http://localhost:3000' };
  if (method === 'GET') return agent.get(path).set(ours);
  if (method === 'PATCH') return agent.patch(path).set(ours).send({ label: 'New' });
  return method === 'DELETE' ? agent.delete(path).set(ours) : agent.post(path).set(ours).send(body);
};

const stored = async (cast: Pick<Cast, 'options'>, id = 'id-ann') =>
  JSON.stringify(await cast.options.accounts.load(id as UserId));

describe('Setting up a factor', () => {
  it('better-auth PR #8711, check 30: a set-up that was begun, proven or given up never changes how its user signs in', async () => {
    const host = await freshBob();
    const { bob, app, clock } = host;
    const signsIn = async () => browser(app).signIn('bob').expect(200);
    const { body: setup } = await bob.get('/2fa/security/totp').expect(200);
    await signsIn();
    const code = codeAt(setup.secret, clock.now());
    const { body: confirmed } = await bob.post('/2fa/security/totp', { code }).expect(201);
    await signsIn();
    expect((await bob.get('/2fa/security')).body).toMatchObject({ enabled: false, backupCodes: null });
    // Neither the code of the app nor a backup code is anything yet.
    expect(await host.twoFactor.verify('id-bob', 'totp', { code })).toMatchObject({ code: 'not_found' });
    const [backup] = confirmed.backupCodes as string[];
    expect(await host.twoFactor.verify('id-bob', 'backup-code', { code: backup })).toMatchObject({
      code: 'not_found',
    });
    await bob.post('/2fa/security/backup-codes/cancel').expect(200);
    await signsIn();
    await bob.get('/2fa/security/totp').expect(200);
    clock.move(2 * hours);
    await signsIn();
    expect(await stored(host, 'id-bob')).toBe('null');
    for (const [bytes, weak] of [
      [10, true],
      [15, true],
      [16, undefined],
    ] as const) {
      const given = { type: 'totp', secret: Buffer.alloc(bytes, bytes), label: `${bytes}` } as const;
      expect(await host.twoFactor.importFactor('id-bob', given)).toMatchObject({ ok: true });
      expect((await host.twoFactor.statusOf('id-bob')).factors.at(-1)?.weak).toBe(weak);
    }
  });

  it('better-auth 1.7.3, check 31: the app in use works until the new one is proven, and after that as well', async () => {
    const cast = await withAnn();
    const before = await stored(cast);
    const { body: setup } = await cast.ann.get('/2fa/security/totp').expect(200);
    await cast.ann.post('/2fa/security/totp', { code: cast.wrong() }).expect(401);
    expect(await stored(cast)).toBe(before);
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
    const unproven = codeAt(setup.secret, cast.clock.now());
    expect(errorCode(await (await halfLogin(cast)).post('/2fa/totp', { code: unproven }))).toBe('wrong_code');

    await cast.ann.post('/2fa/security/totp', { code: unproven, label: 'New phone' }).expect(201);
    cast.clock.move(30 * seconds);
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
    const proven = codeAt(setup.secret, cast.clock.now());
    await (await halfLogin(cast)).post('/2fa/totp', { code: proven }).expect(200);
  });

  it('CVE-2024-8796: secrets made here have 160 bits; imported, one of less than 128 is marked weak, and one of less than 80 refused', async () => {
    const host = await freshBob();
    const secrets = new Set<string>();
    for (let nth = 0; nth < 20; nth += 1) {
      const { body } = await host.bob.get('/2fa/security/totp').expect(200);
      expect(fromBase32(body.secret)).toHaveLength(20);
      secrets.add(body.secret);
      await host.bob.post('/2fa/security/totp/cancel').expect(200);
    }
    expect(secrets.size).toBe(20);
    for (const bytes of [0, 1, 9, 65]) {
      const secret = toBase32(Buffer.alloc(bytes, 1));
      const imported = await host.twoFactor.importFactor('id-bob', { type: 'totp', secret, label: 'App' });
      expect(imported).toMatchObject({ code: 'malformed', field: 'secret' });
    }
    for (const secret of ['not base32!', 'JBSWY3DPEHPK3PX0', '', 'ÄBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP']) {
      const imported = await host.twoFactor.importFactor('id-bob', { type: 'totp', secret, label: 'App' });
      expect(imported).toMatchObject({ ok: false, code: 'malformed' });
    }
    expect(await stored(host, 'id-bob')).toBe('null');
  });

  it('CVE-2021-3632: nobody without a fresh login can enrol a first factor for someone', async () => {
    const { app, clock } = hostApp();
    const stranger = browser(app);
    expect(errorCode(await stranger.get('/2fa/security/totp').expect(401))).toBe('sign_in_required');
    expect(errorCode(await stranger.post('/2fa/security/totp', { code: '123456' }).expect(401))).toBe(
      'sign_in_required',
    );
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    clock.move(5 * minutes + 1);
    expect(errorCode(await bob.get('/2fa/security/totp').expect(401))).toBe('sign_in_required');
    const page = await bob.page('/2fa/security/totp').expect(401);
    expect(page.text).not.toContain('otpauth:');
  });

  it.each(['half done', 'stale', 'stale in a page', 'of a removed epoch'])(
    'CVE-2026-3429: no factor and no code is changed, by JSON or by page, from a session that is %s',
    async (state) => {
      const cast = await withAnn();
      const [id = ''] = await factorIds(cast.ann);
      const agent = state === 'half done' ? await halfLogin(cast) : cast.ann;
      if (state.startsWith('stale')) cast.clock.move(5 * minutes + 1);
      if (state === 'of a removed epoch') await cast.twoFactor.signOutEverywhere('id-ann');
      const before = await stored(cast);
      for (const [method, path] of changes(id)) {
        const isPage = state === 'stale in a page' && method === 'POST';
        const answer = isPage
          ? await submit(agent, '/2fa/security', path, { label: 'New' })
          : await send(agent, method, path);
        expect([401, 403]).toContain(answer.status);
        expect(answer.text).not.toMatch(/otpauth:|"secret"/);
      }
      expect(await stored(cast)).toBe(before);
    },
  );

  it('allauth 64.2.1, ASVS 7.5.1: every change asks for the same: a proof of the last five minutes', async () => {
    const cast = await withAnn();
    await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const [, second = ''] = await factorIds(cast.ann);
    const codes: unknown[] = [];
    cast.clock.move(5 * minutes + 1);
    for (const [method, path] of changes(second)) {
      const answer = await send(cast.ann, method, path);
      codes.push([answer.status, errorCode(answer)]);
      expect(answer.body.error.url).toMatch(/^\/2fa\/confirm\?to=/);
    }
    expect(new Set(codes.map(String))).toEqual(new Set(['403,step_up_required']));
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    for (const [method, path] of changes(second).slice(0, 5)) {
      expect([200, 201]).toContain((await send(cast.ann, method, path)).status);
    }
  });

  it('WP Defender: a user is forgotten wholly or not at all, whichever store call fails', async () => {
    for (let call = 1; call <= 5; call += 1) {
      let calls = 0;
      let isOn = false;
      const failing = <Store extends object>(store: Store): Store =>
        intercepted(store, (ask) =>
          isOn && (calls += 1) === call ? Promise.reject(new Error('down')) : ask(),
        );
      const cast = await withAnn({
        accounts: failing<Accounts>(memoryAccounts()),
        pending: failing<Pending>(memoryPending()),
      });
      isOn = true;
      const isDone = await cast.twoFactor.forget('id-ann').then(
        () => true,
        () => false,
      );
      isOn = false;
      const again = browser(cast.app);
      if (isDone) {
        await again.signIn('ann').expect(200);
        await enrolTotp(again, cast.clock.now());
      } else {
        await again.signIn('ann').expect(401);
        await again.post('/2fa/totp', { code: cast.code() }).expect(200);
      }
    }
  });

  it.each(['nextcloud/twofactor_totp #384', 'owncloud/twofactor_totp #89'])(
    '%s: who is deleted and made anew with the same id inherits nothing after forget()',
    async () => {
      const cast = await withAnn();
      const half = await halfLogin(cast);
      const ann = cast.users.get('ann');
      cast.users.delete('ann');
      await cast.twoFactor.forget('id-ann');
      cast.clock.move(30 * seconds);
      if (ann) cast.users.set('ann', ann);
      // Old session, old half login, old codes and old set-up are dead.
      expect((await cast.ann.agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
      expect(errorCode(await half.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
        'sign_in_required',
      );
      const anew = browser(cast.app);
      await anew.signIn('ann').expect(200);
      expect((await anew.get('/2fa/security')).body).toMatchObject({ enabled: false, backupCodes: null });
      const made = await enrolTotp(anew, cast.clock.now());
      cast.clock.move(30 * seconds);
      const other = await halfLogin(cast);
      expect(errorCode(await other.post('/2fa/totp', { code: cast.code() }))).toBe('wrong_code');
      expect(errorCode(await other.post('/2fa/backup-code', { code: cast.backupCodes[0] }))).toBe(
        'wrong_code',
      );
      await other.post('/2fa/totp', { code: codeAt(made.secret, cast.clock.now()) }).expect(200);
      expect((await cast.ann.agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
    },
  );

  it('nextcloud/server #20320: without forget() the factor stays with the id, and so does what is owed', async () => {
    const cast = await withAnn();
    cast.users.delete('ann');
    cast.users.set('ann', { id: 'id-ann', name: 'another ann' });
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
    cast.users.set('ann', { id: 'id-other', name: 'another ann' });
    await browser(cast.app).signIn('ann').expect(200);
  });

  it('causefx/Organizr #943: a new name changes labels and nothing else', async () => {
    const cast = await withAnn();
    const before = await stored(cast);
    cast.users.delete('ann');
    cast.users.set('anna', { id: 'id-ann', name: 'anna@new.example' });
    await cast.ann.get('/me').expect(200);
    const other = await halfLogin(cast, 'anna');
    expect((await other.get('/2fa').expect(200)).body.user).toBe('a•••@new.example');
    expect(await stored(cast)).toBe(before);
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('RFC 6238 §3: the secret is made here; one that is sent along is not looked at', async () => {
    const { bob, clock } = await freshBob();
    const { body: setup } = await bob
      .get('/2fa/security/totp?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP')
      .expect(200);
    const own = toBase32(Buffer.alloc(20, 9));
    expect(setup.secret).not.toBe('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
    const code = codeAt(own, clock.now());
    expect(errorCode(await bob.post('/2fa/security/totp', { secret: own, code }).expect(401))).toBe(
      'wrong_code',
    );
  });

  it('ASVS 6.5.3: a thousand secrets are a thousand different ones of 20 bytes', async () => {
    const secrets = Array.from({ length: 1000 }, () => randomTotpSecret());
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1000);
    expect(new Set(secrets.map(({ length }) => length))).toEqual(new Set([20]));
  });

  it('ASVS 14.3.2: the secret is shown while it is being set up, uncached, and by nothing afterwards', async () => {
    const { bob, clock } = await freshBob();
    const shown = await bob.page('/2fa/security/totp').expect(200);
    expect(shown.headers['cache-control']).toBe('no-store');
    const { body: setup } = await bob.get('/2fa/security/totp').expect(200);
    // The page has it as a picture, as text, and as a link for the device it is opened on.
    expect(shown.text).toContain(String(setup.secret).replace(/(.{4})(?=.)/g, '$1 '));
    expect(shown.text).toMatch(/<a href="otpauth:\/\/totp\//);
    expect(readByJsQr(shown.text)).toBe(setup.otpauthUrl);

    const { body } = await bob
      .post('/2fa/security/totp', { code: codeAt(setup.secret, clock.now()) })
      .expect(201);
    expect(JSON.stringify(body)).not.toContain(setup.secret);
    const unfinished = await bob.get('/2fa/security/totp').expect(409);
    expect(unfinished.text).not.toContain(setup.secret);
    await bob.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    for (const path of ['/2fa/security', '/2fa/security/totp', `/2fa/security/factors/${body.factor.id}`]) {
      for (const answer of [await bob.get(path), await bob.page(path)]) {
        expect(answer.status).toBe(200);
        expect(answer.text.replace(/ /g, '')).not.toContain(setup.secret);
      }
    }
  });

  it('NIST 4.1.2.1: a user with a factor adds another only with a proof of it, however fresh the password', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    expect(errorCode(await other.get('/2fa/security/totp').expect(401))).toBe('second_factor_required');
    expect(errorCode(await other.post('/2fa/security/totp', { code: cast.code() }).expect(401))).toBe(
      'second_factor_required',
    );
  });

  it('ASVS 6.3.7: what is bound, changed and removed is reported, once each', async () => {
    const host = hostApp();
    const heard = listen(host.twoFactor);
    const ann = browser(host.app);
    await ann.signIn('ann');
    const { secret } = await enrolTotp(ann, host.clock.now());
    await addApp(ann, host.clock.now(), 'Tablet');
    const [first = '', second = ''] = await factorIds(ann);
    await ann.post(`/2fa/security/factors/${second}/rename`, { label: 'Slate' }).expect(200);
    await ann.post(`/2fa/security/factors/${second}/remove`).expect(200);
    const { body } = await ann.post('/2fa/security/backup-codes').expect(201);
    await ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    await ann.post(`/2fa/security/factors/${first}/remove`).expect(200);
    expect(heard.map(({ name }) => name)).toEqual([
      'login.exempt',
      'factor.added',
      'backup-codes.made',
      'two-factor.enabled',
      'factor.added',
      'factor.renamed',
      'factor.removed',
      'backup-codes.made',
      'factor.removed',
      'two-factor.disabled',
    ]);
    expect(heard.every(({ userId, at }) => userId === 'id-ann' && at === host.clock.now())).toBe(true);
    expect(JSON.stringify(heard)).not.toContain(secret);
  });

  it('NIST 3.2.1, ASVS 6.5.6: what was begun with a factor ends when that factor is removed', async () => {
    const cast = await withAnn();
    await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const waiting = await halfLogin(cast);
    const [first = ''] = await factorIds(cast.ann);
    await cast.ann.post(`/2fa/security/factors/${first}/remove`).expect(200);
    expect(errorCode(await waiting.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe(
      'sign_in_required',
    );
    const anew = await halfLogin(cast);
    expect(errorCode(await anew.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe('wrong_code');
  });

  it('NIST 4.1.2.1: backup codes alone are not two-factor: they go with the last factor', async () => {
    const cast = await withAnn();
    const [id = ''] = await factorIds(cast.ann);
    await cast.ann.post(`/2fa/security/factors/${id}/remove`).expect(200);
    expect((await cast.ann.get('/2fa/security')).body).toMatchObject({ enabled: false, backupCodes: null });
    await browser(cast.app).signIn('ann').expect(200);
  });
});

const oddNames = [
  ['ellite/Wallos #1147', 'Hervé'],
  ['Ylianst/MeshCentral #3745', '宮腰'],
  ['pterodactyl/panel #1690', 'a?b#c&d%'],
  ['ChristianRiesen/otp PR #29', 'jörg+x@example.com'],
] as const;

const setUpFor = async (name: string) => {
  const host = hostApp({ appName: '👾 Účto & Co? #1 100 %' });
  host.users.set('ann', { id: 'id-ann', name });
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const { text } = await ann.page('/2fa/security/totp').expect(200);
  const { body } = await ann.get('/2fa/security/totp').expect(200);
  const url: string = body.otpauthUrl;
  return { ...host, ann, text, url, secret: body.secret as string };
};

describe('The otpauth address of odd names', () => {
  it.each(oddNames)(
    '%s: the otpauth address of an odd name is plain ASCII, decodes to the originals, and enrols: %s',
    async (_id, name) => {
      const { ann, clock, url, text, secret } = await setUpFor(name);
      expect(url).toMatch(/^otpauth:\/\/totp\/[A-Za-z0-9%:.~_!*'()-]+\?[\w%=&.~!*'()-]+$/);
      const parsed = new URL(url);
      const label = parsed.pathname.replace(/^\/+/, '').split(':').map(decodeURIComponent);
      expect(label).toEqual(['👾 Účto & Co? #1 100 %', name]);
      expect(Object.fromEntries(parsed.searchParams)).toEqual({
        secret,
        issuer: '👾 Účto & Co? #1 100 %',
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      });
      expect(url).not.toContain('+');
      expect(text).toContain(`href="${url.replaceAll('&', '&amp;')}"`);
      expect(readByJsQr(text)).toBe(url);
      await ann.post('/2fa/security/totp', { code: codeAt(secret, clock.now()) }).expect(201);
    },
  );

  it('Key-Uri-Format: a colon in a name does not split the label', async () => {
    const { url } = await setUpFor('ann: the second');
    expect(decodeURIComponent(new URL(url).pathname).split(':')).toHaveLength(2);
  });
});

describeIf('zbarimg', 'The QR code of odd names', () => {
  it.each(oddNames)('%s: a second decoder reads the same address from the QR code: %s', async (_id, name) => {
    const { text, url } = await setUpFor(name);
    expect(await readByZbar(text)).toBe(url);
  });
});
