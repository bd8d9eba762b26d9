import type { Page } from 'playwright-core';
import { serveWebAdmin } from '../example-app/web-admin';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { codeAt } from '../support/browser-agent';
import { demoVisits } from '../support/demo-visits';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';
import { demoSeed, startWebAdmin } from '../support/web-admin';

/** Answers as the browser does, by objects that have nothing but what says something. */
const PASSWORD_MANAGER = `
  const { credentials } = navigator;
  for (const how of ['get', 'create']) {
    const real = credentials[how].bind(credentials);
    credentials[how] = async (options) => {
      const { id, type, response } = await real(options);
      const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
      const said = how === 'create' ? { attestationObject } : { authenticatorData, signature, userHandle };
      return { id, type, response: { clientDataJSON, ...said } };
    };
  }
`;

describeIf('browser', 'The story of security keys, in a browser', () => {
  const browser = useBrowser();
  let app: Pick<Awaited<ReturnType<typeof serveWebAdmin>>, 'url' | 'stop'>;
  const violations: string[] = [];
  const { open, signIn, signOut, shot } = demoVisits(browser, () => app, violations);

  beforeEach(async () => {
    app = await serveWebAdmin();
  });
  afterEach(() => app.stop());

  const proceed = (page: Page) => page.getByRole('button', { name: 'Continue' }).click();

  /** Adds a first key, and saves its backup codes. */
  async function enrol(page: Page): Promise<string[]> {
    await page.goto(`${app.url}/2fa/security`);
    await page
      .getByRole('link', { name: /^Set up: / })
      .nth(1)
      .click();
    await shot(page, 'key-enrol');
    await proceed(page);
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    await shot(page, 'key-backup-codes');
    const codes = await page.locator('#codes li').allTextContents();
    await page.getByLabel('Type one of the codes').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    return codes;
  }

  it('check 20: demo-key is told how to try one, adds it, and signs in by it', async () => {
    // Once as it is shipped. A process takes a second and a half of CPU to start: the others have it in this one.
    await app.stop();
    app = await startWebAdmin();
    const { page, context } = await open(true);
    const key = await virtualKey(page);
    await signIn(page, 'demo-key');
    await page.getByRole('heading', { name: 'Try a security key without owning one' }).waitFor();
    await shot(page, 'key-home');
    await enrol(page);
    await shot(page, 'key-security');
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await key.credentials()).toMatchObject([{ isResidentCredential: false }]);

    await signOut(page);
    await signIn(page, 'demo-key');
    await page.waitForURL(/\/2fa/);
    await shot(page, 'key-step');
    expect(await accessibilityProblems(page)).toEqual([]);
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    await context.close();
  });

  it('a key without a PIN is a second factor', async () => {
    const { page, context } = await open(true);
    await virtualKey(page, { verifies: false });
    await signIn(page, 'demo-key');
    await enrol(page);
    await signOut(page);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    expect(await me(page)).toMatchObject({ twoFactor: { amr: ['pop', 'mfa'] } });
    await context.close();
  });

  it('F29: a passkey signs in alone, and is forgotten by the browser once it is removed', async () => {
    const { page, context } = await open(true);
    const key = await virtualKey(page, { transport: 'internal', resident: true, eligible: true });
    await signIn(page, 'demo-key');
    await enrol(page);
    await page.getByText('available on your other devices too').waitFor();
    expect(await key.credentials()).toMatchObject([{ isResidentCredential: true }]);
    await signOut(page);
    // The virtual authenticator would choose it from what the browser fills in, before anybody can press the button.
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await page.goto(`${app.url}/login?to=%2Faccount`);
    await shot(page, 'passkey-login');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${app.url}/account`);
    expect(await me(page)).toMatchObject({ username: 'demo-key', twoFactor: { enabled: true } });

    await page.goto(`${app.url}/2fa/security`);
    await page.getByRole('link', { name: 'Manage: Chrome on Linux' }).click();
    await shot(page, 'passkey-factor');
    await page.getByRole('button', { name: /^Remove / }).click();
    await page.getByText('Two-factor authentication is off', { exact: true }).first().waitFor();
    for (let waits = 0; waits < 100 && (await key.credentials()).length > 0; waits += 1)
      await page.waitForTimeout(50);
    expect(await key.credentials()).toEqual([]);
    await context.close();
  });

  it('a password manager that answers with plain objects adds a passkey, and signs in by it in both ways', async () => {
    const { page, context } = await open(true);
    await virtualKey(page, { transport: 'internal', resident: true });
    await page.addInitScript(PASSWORD_MANAGER);
    await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
    await signIn(page, 'demo-key');
    await enrol(page);
    await signOut(page);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    await signOut(page);
    await page.goto(`${app.url}/login?to=%2Faccount`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`${app.url}/account`);
    expect(await me(page)).toMatchObject({ username: 'demo-key' });
    await context.close();
  });

  it('F30: a passkey is among what the browser fills in', async () => {
    const { page, context } = await open(true);
    await virtualKey(page, { transport: 'internal', resident: true });
    await signIn(page, 'demo-key');
    await enrol(page);
    await signOut(page);
    // The virtual authenticator chooses it at once, as a person would from the list.
    await page.goto(`${app.url}/login?to=%2Fbilling`);
    await page.waitForURL(`${app.url}/billing`);
    expect(await me(page)).toMatchObject({ username: 'demo-key' });
    await context.close();
  });

  it('check 22, check 24: the same key is not added twice, a second one is, and works when the first one is removed', async () => {
    const { page, context } = await open(true);
    const first = await virtualKey(page);
    await signIn(page, 'demo-key');
    await enrol(page);
    await page.getByRole('link', { name: /^Add another: Biometric/ }).click();
    await proceed(page);
    await page
      .getByRole('alert')
      .getByText(/already been added/)
      .first()
      .waitFor();
    await shot(page, 'key-duplicate');
    expect(await first.credentials()).toHaveLength(1);

    await first.remove();
    const second = await virtualKey(page);
    await proceed(page);
    await page.getByText('Security key (Chrome on Linux) 2').first().waitFor();
    await page.getByRole('link', { name: 'Manage: Security key (Chrome on Linux)', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill('First key');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Manage: First key' }).click();
    expect(
      await page.getByRole('listitem').filter({ hasText: 'Security key (Chrome on Linux) 2' }).count(),
    ).toBe(1);
    await page.getByRole('button', { name: 'Remove First key' }).click();
    await page.getByText('Removed: First key.').waitFor();
    await signOut(page);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    expect(await second.credentials()).toHaveLength(1);
    await context.close();
  });

  it('a copy that counts from less is refused, and so is a key that says otherwise than before if it can be copied', async () => {
    const { page, context } = await open(true);
    const key = await virtualKey(page);
    await signIn(page, 'demo-key');
    const codes = await enrol(page);
    await signOut(page);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    await signOut(page);

    await key.countFrom(0);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.getByRole('alert').getByText(/copy/).first().waitFor();
    await shot(page, 'key-count');
    await key.countFrom(1_000);
    await key.setBackup(true);
    await proceed(page);
    await page.getByRole('alert').first().waitFor();
    await key.setBackup(false);
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    expect(codes).toHaveLength(10);
    await context.close();
  });

  it('check 25: who leaves while the key is asked for leaves nothing behind, and can begin again', async () => {
    const { page, context } = await open(true);
    const key = await virtualKey(page);
    await signIn(page, 'demo-key');
    await enrol(page);
    await signOut(page);
    await signIn(page, 'demo-key');
    await key.touches(false);
    await proceed(page);
    await page.getByText("Follow your browser's instructions.").waitFor();
    await page.getByRole('button', { name: 'Cancel and sign out' }).click();
    await page.waitForURL(/\/login/);
    await key.touches(true);
    await signIn(page, 'demo-key');
    await proceed(page);
    await page.waitForURL(`${app.url}/`);
    expect(await key.credentials()).toHaveLength(1);
    await context.close();
  });

  it('F31: who signs in by a code on a device that can have a passkey is offered one, once', async () => {
    const { page, context } = await open(true);
    const key = await virtualKey(page, { transport: 'internal', resident: true });
    await signIn(page, 'demo-totp');
    await page.locator('#code').fill(codeAt(demoSeed, Date.now()));
    // The browser says in its own time what the device can do; who is faster than that is asked at the next sign-in.
    await page.locator('[data-capable][value="1"]').waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.waitForURL(/add-passkey/);
    await shot(page, 'passkey-offer');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    await proceed(page);
    await page.getByText('Added: Chrome on Linux.').waitFor();
    expect(await key.credentials()).toMatchObject([{ isResidentCredential: true }]);
    await context.close();
  });

  it('check 23: without JavaScript a key is explained, and the other ways lead on', async () => {
    const { page, context } = await open(true);
    await virtualKey(page);
    await signIn(page, 'demo-key');
    const [, code = ''] = await enrol(page);
    await context.close();
    const plain = await open(false);
    await signIn(plain.page, 'demo-key');
    await shot(plain.page, 'key-without-script');
    expect(await plain.page.locator('noscript').first().innerHTML()).toContain('need JavaScript');
    await plain.page.locator('.ways a[href^="/2fa/backup-code"]').click();
    await plain.page.locator('#code').fill(code);
    await plain.page.keyboard.press('Enter');
    await plain.page.waitForURL(/backup-code-used/);
    await plain.context.close();
  });

  it('check 47: breaks no policy and throws nothing on the way', () => {
    expect(violations).toEqual([]);
  });

  const me = async (page: Page): Promise<unknown> => (await page.request.get(`${app.url}/api/me`)).json();
});
