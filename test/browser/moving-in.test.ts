import { createServer, type Server } from 'node:http';
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import type { Express } from 'express';
import type { Page } from 'playwright-core';
import type { StoredCredential } from '../../lib';
import { useBrowser } from '../support/browser';
import { freePort } from '../support/free-port';
import { passkeysApp } from '../support/keys';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';

const loginPage = `<!doctype html><title>Sign in</title>
  <form method="post" action="/login">
    <input name="username" value="ann"><input name="password" value="right"><button>Sign in</button>
  </form>
  <button type="button" hidden data-passkey="/2fa">Sign in with a passkey</button>
  <p role="alert" data-passkey-status></p>
  <script type="module" src="/2fa/assets/passkey.js"></script>`;

/** What the app had before: registration with SimpleWebAuthn, as its documentation shows it. */
function oldSystem(origin: string, stored: StoredCredential[]) {
  let [challenge, handle] = ['', ''];
  return (app: Express): void => {
    app.get('/', (_req, res) => void res.send('<!doctype html><title>Home</title>'));
    app.get('/login', (_req, res) => void res.send(loginPage));
    app.get('/old', (_req, res) => void res.send('<!doctype html><title>Old system</title>'));
    app.post('/old/options', async (_req, res) => {
      const options = await generateRegistrationOptions({
        rpName: 'Old system',
        rpID: 'localhost',
        userName: 'ann',
        attestationType: 'none',
        authenticatorSelection: { residentKey: 'required' },
      });
      ({ challenge } = options);
      handle = options.user.id;
      res.json(options);
    });
    app.post('/old', async (req, res) => {
      const { registrationInfo } = await verifyRegistrationResponse({
        response: req.body,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: 'localhost',
      });
      if (!registrationInfo) throw new Error('not verified');
      const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
      stored.push({
        ...credential,
        webauthnUserID: handle,
        deviceType: credentialDeviceType,
        backedUp: credentialBackedUp,
      });
      res.json({ verified: true });
    });
  };
}

/** In the page: what SimpleWebAuthn's browser half does. */
const REGISTER = `(async () => {
  const post = (path, body) =>
    fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const options = await (await post('/old/options', {})).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  return (await post('/old', made.toJSON())).status;
})()`;

describeIf('browser', 'A passkey made in the old system, in a browser', () => {
  const browser = useBrowser();
  let server: Server;
  let home: string;
  let host: ReturnType<typeof passkeysApp>;
  const stored: StoredCredential[] = [];

  beforeEach(async () => {
    stored.length = 0;
    const port = await freePort();
    home = `http://localhost:${port}`;
    // The browser's clock counts.
    host = passkeysApp({ origin: home, now: Date.now }, oldSystem(home, stored));
    server = createServer(host.app);
    await new Promise<void>((done) => server.listen(port, 'localhost', done));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  /** A browser with a passkey of the old system, which is imported. */
  async function moved(credentialOf: (kept: StoredCredential) => StoredCredential) {
    const context = await browser().newContext();
    const page = await context.newPage();
    const key = await virtualKey(page, { transport: 'internal', resident: true, eligible: true });
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await page.goto(`${home}/old`);
    expect(await page.evaluate(REGISTER)).toBe(200);
    const [kept] = stored;
    if (!kept) throw new Error('nothing was stored');
    const credential = credentialOf(kept);
    expect(
      await host.twoFactor.importFactor('id-ann', { type: 'webauthn', credential, label: 'Laptop' }),
    ).toMatchObject({ ok: true });
    await page.goto(`${home}/login`);
    return { page, key, context };
  }

  const me = async (page: Page): Promise<unknown> =>
    page.evaluate(
      "fetch('/me', { headers: { Accept: 'application/json' } }).then((answer) => answer.json())",
    );

  it('is the second factor here, as a row of better-auth tells of it', async () => {
    const { page, context } = await moved(({ id, publicKey, counter, transports, deviceType, backedUp }) => ({
      id: 'the row',
      credentialID: String(id),
      publicKey: Buffer.from(publicKey as Uint8Array).toString('base64'),
      counter,
      transports: Array.isArray(transports) ? transports.join(',') : '',
      deviceType,
      backedUp,
    }));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/2fa/);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${home}/`);
    expect(await me(page)).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'passed', proofs: [{ type: 'webauthn', userVerified: true }] },
    });
    await context.close();
  });

  it('goes on signing in alone, with what it calls its user', async () => {
    const { page, context } = await moved((kept) => kept);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${home}/`);
    expect(await me(page)).toMatchObject({ user: { id: 'id-ann' }, twoFactor: { status: 'passed' } });
    await context.close();
  });

  it('is not forgotten by the browser where it does not sign in alone', async () => {
    const { page, key, context } = await moved((kept) => ({ ...kept, webauthnUserID: null }));
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    expect(await key.credentials()).toHaveLength(1);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/2fa/);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${home}/`);
    await context.close();
  });
});
