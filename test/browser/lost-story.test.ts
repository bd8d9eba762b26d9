import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Page } from 'playwright-core';
import { serveWebAdmin } from '../example-app/web-admin';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { aPng } from '../support/documents';
import { scripting, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';

describeIf('browser', 'Lost access, in a browser', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  let folder: string;
  const violations: string[] = [];
  const { open, signIn, shot } = demoVisits(browser, () => app, violations);

  beforeEach(async () => {
    app = await serveWebAdmin();
    folder = mkdtempSync(join(tmpdir(), 'lost-story-'));
  });
  afterEach(async () => {
    await app.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const heading = (page: Page, level: number, name: string) =>
    page.getByRole('heading', { level, name, exact: true }).waitFor();

  /** The code of the newest message with one. */
  async function sentCode(page: Page): Promise<string> {
    const answer = await page.request.get(`${app.url}/outbox.json`);
    const all = (await answer.json()) as readonly { text: string }[];
    return all.flatMap(({ text }) => /(?<![\w-])\d{6}(?![\w-])/.exec(text) ?? [])[0] ?? '';
  }

  /** The newest link of this kind that was sent. */
  async function sentLink(page: Page, leadsTo: string): Promise<string> {
    const answer = await page.request.get(`${app.url}/outbox.json`);
    const all = (await answer.json()) as readonly { text: string }[];
    const link = new RegExp(`\\S+/2fa/lost/${leadsTo}/[\\w-]+`);
    return all.flatMap(({ text }) => link.exec(text) ?? [])[0] ?? '';
  }

  for (const [how, withScript] of scripting) {
    it(`${how}: people ask from the step, give evidence, and the owner stops it by the link`, async () => {
      const { page, context } = await open(withScript);
      await signIn(page, 'demo-lost');
      await page.getByRole('link', { name: 'Lost access to everything?' }).click();
      await heading(page, 1, 'Lost access to everything?');
      await page.getByText('Account: d•••').first().waitFor();
      await page.getByRole('link', { name: 'Ask for access' }).click();
      await page.getByLabel('Authenticator app').check();
      await page.getByLabel('E-mail address or phone number where').fill('demo-lost@example.com');
      await page.getByLabel('What happened?').fill('My phone is at the bottom of a lake.');
      await page.getByRole('button', { name: 'Ask for access' }).click();

      await heading(page, 1, 'Your request for access');
      await page.getByLabel('The code from our message').fill('12');
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('alert').waitFor();
      await shot(page, `lost-wrong-${withScript}`);
      await page.getByLabel('The code from our message').fill(await sentCode(page));
      await page.getByRole('button', { name: 'Confirm' }).click();
      await heading(page, 2, 'Address confirmed');

      await page.getByText('A copy of an identity document').click();
      const file = join(folder, 'passport.png');
      writeFileSync(file, aPng);
      await page.getByLabel('PDF, JPEG or PNG').setInputFiles(file);
      await page.getByRole('button', { name: 'Send the copy' }).click();
      await heading(page, 2, 'Being checked');
      await page.getByText('Facts from an invoice').first().click();
      await page.getByLabel('Invoice number').fill('2026-0001');
      await page.getByRole('button', { name: 'Add it' }).click();
      await page.locator('.given', { hasText: 'Facts from an invoice' }).waitFor();
      await shot(page, `lost-review-${withScript}`);
      expect(withScript ? await accessibilityProblems(page) : []).toEqual([]);
      const statusUrl = page.url();

      const { page: other, context: elsewhere } = await open(withScript);
      await other.goto(await sentLink(other, 'cancel'));
      await heading(other, 1, 'Someone is asking for access to your account');
      expect(withScript ? await accessibilityProblems(other) : []).toEqual([]);
      await other.getByRole('button', { name: 'stop it' }).click();
      await heading(other, 1, 'The request was stopped');
      await shot(other, `lost-stopped-${withScript}`);
      await elsewhere.close();

      await page.goto(statusUrl);
      await heading(page, 2, 'Stopped by the owner');
      await context.close();
    });
  }

  usually('people without a password ask by name, and block what was stolen', async () => {
    const { page, context } = await open(false);
    await page.goto(`${app.url}/2fa/lost`);
    await page.getByLabel('User name or e-mail address of the account').fill('demo-lost@example.com');
    await page.getByRole('button', { name: 'Block my account now' }).click();
    await heading(page, 1, 'Got it');
    await page.goto(`${app.url}/2fa/lost/requests`);
    await page.getByLabel('User name or e-mail address of the account').fill('nobody at all');
    await page.getByLabel('Biometric or hardware key').check();
    await page.getByLabel('E-mail address or phone number where').fill('somebody@example.net');
    await page.getByRole('button', { name: 'Ask for access' }).click();
    await heading(page, 2, 'Waiting for your code');
    await page.getByText('Withdraw the request').click();
    await page.getByRole('button', { name: 'Yes, withdraw it for good' }).click();
    await heading(page, 2, 'Withdrawn');
    expect(await page.getByRole('button').count()).toBe(0);
    await context.close();
  });

  it('breaks no content security policy', () => {
    expect(violations).toEqual([]);
  });
});
