import type { Page } from 'playwright-core';
import { DEMO_PHONE } from '../../example-app/demo-users';
import type { OutboxMessage } from '../../example-app/outbox';
import { serveWebAdmin } from '../example-app/web-admin';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';

describeIf('browser', 'What people met as they set it up', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  const violations: string[] = [];
  const { open, signIn, shot } = demoVisits(browser, () => app, violations);

  // Each test has the users of a fresh start.
  beforeEach(async () => {
    app = await serveWebAdmin();
  });
  afterEach(() => app.stop());

  const newest = async (): Promise<OutboxMessage> => {
    const [message] = (await (await fetch(`${app.url}/outbox.json`)).json()) as readonly OutboxMessage[];
    if (!message) throw new Error('nothing was sent');
    return message;
  };

  /** Sets an app up as far as the page of the backup codes. */
  async function scan(page: Page): Promise<readonly string[]> {
    await page.goto(`${app.url}/2fa/security/totp`);
    const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
    const secret = new URL(link ?? '').searchParams.get('secret') ?? '';
    await page.locator('#code').fill(codeAt(secret, Date.now()));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
    return page.locator('#codes li').allTextContents();
  }

  it('copied the whole text message, not only its code: the code in it is taken', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-sms');
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.locator('#code').focus();
    const { to, text } = await newest();
    expect(to).toBe(DEMO_PHONE);
    await page.keyboard.insertText(text);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/`);
    await context.close();
  });

  it('had the codes on paper: four characters show that they are saved, and the sheet says where they belong', async () => {
    const { page, context } = await open(false);
    await signIn(page, 'demo');
    const codes = await scan(page);
    expect(await page.locator('main p.soft:visible').count()).toBeLessThanOrEqual(2);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('main :is(h1, h2):visible').innerText()).toBe('Backup codes for WebAdmin');
    expect(await page.locator('.paper').innerText()).toContain(app.url);
    await shot(page, 'codes-on-paper');
    await page.emulateMedia({ media: 'screen' });
    await shot(page, 'codes-to-save');
    await page.locator('#code').fill((codes[6] ?? '').slice(-4).toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    await context.close();
  });
  it('removed a key and read "Removed.": what was removed is named, and nothing green says "off"', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo');
    const codes = await scan(page);
    await page.locator('#code').fill(codes[0] ?? '');
    await page.keyboard.press('Enter');
    await page.getByText('Test it now').waitFor();
    expect(await page.getByText('authentication is on').count()).toBe(1);
    await shot(page, 'notice-on');
    await page.reload();
    expect(await page.getByText('Test it now').count()).toBe(0);
    await page.getByRole('link', { name: 'Manage: Authenticator app' }).click();
    await page.locator('#label').fill('Work phone');
    await page.getByRole('button', { name: 'Save the name' }).click();
    await page.getByRole('status').getByText('The name is now Work phone.').waitFor();
    await page.getByRole('link', { name: 'Manage: Work phone' }).click();
    await page.getByRole('button', { name: 'Remove Work phone' }).click();
    await page.getByRole('status').getByText('Removed: Work phone.').waitFor();
    expect(await page.getByText('authentication is off').count()).toBe(1);
    expect(await page.locator('.state.good').count()).toBe(0);
    await shot(page, 'notice-off');
    await context.close();
  });

  it('check 30: went for the phone and came back: the set-up is there, not finished, and goes on', async () => {
    const { page, context } = await open(false);
    await signIn(page, 'demo');
    await page.goto(`${app.url}/2fa/security/totp`);
    const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
    await page.goto(`${app.url}/2fa/security`);
    expect(await page.getByText('not finished').count()).toBe(1);
    await shot(page, 'set-up-not-finished');
    await page.getByRole('link', { name: 'Continue: Authenticator app' }).click();
    expect(await page.locator('a[href^="otpauth:"]').getAttribute('href')).toBe(link);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Set-up cancelled.').waitFor();
    expect(await page.getByText('not finished').count()).toBe(0);
    await context.close();
  });

  it('looked for "WebAdmin (d•••)" in the app, which lists "WebAdmin": the step says that', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-totp');
    const words = page.getByText('Open your authenticator app and look for');
    expect(await words.textContent()).toBe('Open your authenticator app and look for WebAdmin.');
    await context.close();
  });

  it('added two keys without a name, and could not tell which was which', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-key');
    const labels: string[] = [];
    for (const transport of ['internal', 'internal', 'usb'] as const) {
      const key = await virtualKey(page, { transport });
      await page.goto(`${app.url}/2fa/security/webauthn`);
      await page.getByRole('button', { name: 'Continue' }).click();
      if (labels.length === 0) {
        await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
        await page.locator('#code').fill((await page.locator('#codes li').first().textContent()) ?? '');
        await page.keyboard.press('Enter');
      }
      await page.getByRole('heading', { level: 1, name: 'Security and login' }).waitFor();
      labels.push((await page.locator('.panel-row strong').last().textContent()) ?? '');
      await key.remove();
    }
    expect(labels).toEqual(['Chrome on Linux', 'Chrome on Linux 2', 'Security key (Chrome on Linux)']);
    await shot(page, 'keys-named');
    await context.close();
  });

  for (const withScript of [true, false]) {
    it(`typed gmial.com, ${withScript ? 'with' : 'without'} JavaScript: is asked, and keeps it or sends to gmail.com`, async () => {
      const { page, context } = await open(withScript);
      await signIn(page, 'demo');
      await page.goto(`${app.url}/2fa/security/otp-email`);
      await page.locator('#address').fill('dana@gmial.com');
      await page.keyboard.press('Enter');
      await page.getByText('Did you mean dana@gmail.com?').waitFor();
      expect((await newest()).to).toBe('dana@gmial.com');
      await shot(page, `did-you-mean-${withScript}`);
      await page.getByRole('button', { name: 'Send the code there' }).click();
      await page.getByText('We sent a code to dana@gmail.com').waitFor();
      expect((await newest()).to).toBe('dana@gmail.com');
      expect(await page.getByText('Did you mean').count()).toBe(0);
      await context.close();
    });
  }

  it('relied on e-mail alone, without backup codes, and saw a calm green', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-email');
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.locator('#code').fill((await newest()).text);
    await page.locator('#code').press('Enter');
    await page.waitForURL(`${app.url}/`);
    await page.goto(`${app.url}/2fa/security`);
    await page.getByText("If you couldn't open your mailbox today").waitFor();
    expect(await page.locator('.state.good').count()).toBe(0);
    await shot(page, 'e-mail-alone');
    await context.close();
  });

  it('chose "Sign in with a passkey" and had none: the password is offered', async () => {
    const { page, context } = await open(true);
    await virtualKey(page, { transport: 'internal', resident: true });
    await page.goto(`${app.url}/login`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    const words = page.getByRole('alert').getByText('password');
    expect(await words.textContent()).toBe('No passkey was used. Try again, or sign in with your password.');
    await context.close();
  });

  it('met no violation of the content security policy, and no error of a script', () => {
    expect(violations).toEqual([]);
  });
});
