import type { Page } from 'playwright-core';
import { DEMO_MAILBOX, DEMO_PASSWORD, DEMO_PHONE, DEMO_TOTP_SEED } from '../../../example-app/demo-users';
import type { OutboxMessage } from '../../../example-app/outbox';
import { codeIn, serveWebAdmin } from '../../example-app/web-admin';
import { useBrowser } from '../../support/browser';
import { codeAt } from '../../support/browser-agent';
import { share } from '../../support/exhaustive';
import { describeIf } from '../../support/needs';
import { virtualKey } from '../../support/virtual-key';
import { startRelay, type Relay } from './relay';

describeIf('browser', 'A page in the middle, in a browser', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  let relay: Relay;
  let page: Page;

  beforeEach(async () => {
    app = await serveWebAdmin();
    await stand();
    const context = await browser().newContext();
    context.setDefaultTimeout(6_000);
    page = await context.newPage();
  });
  afterEach(async () => {
    await page.context().close();
    await relay.stop();
    await app.stop();
  });

  async function stand(changes: readonly (readonly [string, string])[] = []): Promise<void> {
    relay = await startRelay({ origin: app.url, changes });
  }

  async function signIn(at: string, name: string): Promise<void> {
    await page.goto(`${at}/login`);
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(DEMO_PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  async function typeCode(code: string): Promise<void> {
    await page.locator('#code').fill(code);
    await page.keyboard.press('Enter');
  }

  async function newestTo(to: string): Promise<OutboxMessage> {
    const messages = (await (await fetch(`${app.url}/outbox.json`)).json()) as OutboxMessage[];
    const found = messages.find((message) => message.to === to);
    if (!found) throw new Error(`nothing went to ${to}`);
    return found;
  }

  /** Who the attacker is, by the cookies that passed through. */
  const attackerIs = async (): Promise<string | undefined> => (await relay.ask('/api/me')).body.username;

  /** Gives the code of an app, or one that is sent there. */
  async function giveCode(to: string | null): Promise<void> {
    if (to === null) return typeCode(codeAt(DEMO_TOTP_SEED, Date.now()));
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.locator('#code').waitFor();
    await typeCode(codeIn(await newestTo(to)));
  }

  const people = share(
    [
      ['demo-totp', null],
      ['demo-sms', DEMO_PHONE],
      ['demo-email', DEMO_MAILBOX],
    ] as const,
    ([name]) => name === 'demo-totp',
  );

  it.each(people)('gets in with a code: %s', async (name, to) => {
    await signIn(relay.url, name);
    await giveCode(to);
    await page.waitForURL(`${relay.url}/`);
    expect(await attackerIs()).toBe(name);
  });

  it.each(people)(
    "gets nothing where newBrowser is 'confirm', although its victim opens the link: %s",
    async (name, to) => {
      await Promise.all([relay.stop(), app.stop()]);
      app = await serveWebAdmin({ NEW_BROWSER: 'confirm' });
      await stand();
      await signIn(relay.url, name);
      await giveCode(to);
      await page.getByRole('heading', { name: 'Open the link we sent you' }).waitFor();
      const mail = await newestTo(`${name}@example.com`);
      const reader = await page.context().newPage();
      await reader.goto(/^http\S+$/m.exec(mail.text)?.[0] ?? '');
      await reader.getByRole('heading', { name: "This isn't the browser you're signing in with" }).waitFor();
      expect(await reader.getByRole('button', { name: 'Finish signing in' }).count()).toBe(0);
      await page.getByRole('link', { name: "I've opened it" }).click();
      await page.getByRole('heading', { name: 'Open the link we sent you' }).waitFor();
      expect(await attackerIs()).toBeUndefined();
      await reader.getByRole('button', { name: 'Stop that sign-in' }).click();
      await reader.getByRole('heading', { name: 'That sign-in was stopped' }).waitFor();
      await page.getByRole('link', { name: "I've opened it" }).click();
      await page.getByRole('heading', { name: 'Sign in first' }).waitFor();
      expect(await attackerIs()).toBeUndefined();
    },
  );

  /** Signs in on the real site, adds a key there, and signs out. */
  async function ownKey() {
    const key = await virtualKey(page);
    await signIn(app.url, 'demo-key');
    await page.goto(`${app.url}/2fa/security/webauthn`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    const codes = await page.locator('#codes li').allTextContents();
    await page.getByLabel('Type one of the codes').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    return key;
  }

  it.each(
    share(
      [
        ['for the real site', []],
        ['for itself', [['"rpId":"localhost"', '"rpId":"evil.localhost"']]],
      ] as const,
      ([whom]) => whom === 'for the real site',
    ),
  )('gets nothing of a key that it asks %s: the browser refuses', async (_what, changes) => {
    const key = await ownKey();
    const [before] = await key.credentials();
    await relay.stop();
    await stand(changes);
    await signIn(relay.url, 'demo-key');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').filter({ hasText: /\w/ }).first().waitFor();
    expect(await key.credentials()).toMatchObject([{ signCount: before?.signCount }]);
    expect(await attackerIs()).toBeUndefined();
  });
});
