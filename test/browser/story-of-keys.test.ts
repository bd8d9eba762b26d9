import type { Page } from 'playwright-core';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';
import { startWebAdmin, type WebAdmin } from '../support/web-admin';

describeIf('browser', 'The story of security keys, in a browser', () => {
  const browser = useBrowser();
  let app: WebAdmin;
  const violations: string[] = [];
  const { open, signIn, signOut, shot } = demoVisits(browser, () => app, violations);

  beforeEach(async () => {
    app = await startWebAdmin();
  });
  afterEach(async () => {
    await app.stop();
    expect(violations.splice(0)).toEqual([]);
  });

  const proceed = (page: Page) => page.getByRole('button', { name: 'Continue' }).click();

  /** Adds a first key, and saves its backup codes. */
  async function enrol(page: Page): Promise<string[]> {
    await page.goto(`${app.url}/2fa/security`);
    await page
      .getByRole('link', { name: /^Activate: / })
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

  it('demo-key is told how to try one, adds it, and signs in by it', async () => {
    const { page, context } = await open(true);
    const key = await virtualKey(page);
    await signIn(page, 'demo-key');
    await page.getByRole('heading', { name: 'Try a security key without having one' }).waitFor();
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
});
