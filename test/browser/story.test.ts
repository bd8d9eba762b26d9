import { readFile } from 'node:fs/promises';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { scripting, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { demoPassword, demoSeed, startWebAdmin, type WebAdmin } from '../support/web-admin';
import { accessibilityProblems } from '../support/accessibility';

const half = 15_000;

describeIf('browser', 'The whole story in a browser', () => {
  const browser = useBrowser();
  let app: WebAdmin;
  const violations: string[] = [];

  beforeAll(async () => {
    app = await startWebAdmin();
  });
  afterAll(() => app.stop());

  const { open, signIn, signOut, shot } = demoVisits(browser, () => app, violations);

  /** A code of a step that was not used yet, waiting for it if need be. */
  async function freshCode(secret: string, used: Set<string>): Promise<string> {
    const code = [0, 1]
      .map((ahead) => codeAt(secret, Date.now() + ahead * 2 * half))
      .find((one) => !used.has(one));
    if (code === undefined) throw new Error('both codes of the window were used');
    used.add(code);
    return code;
  }

  for (const [how, withScript] of scripting) {
    const name = withScript ? 'demo' : 'demo-key';

    it(`${how}, check 33, check 46: activates, saves codes, signs out and in again`, async () => {
      const { page, context } = await open(withScript);
      const used = new Set<string>();
      await signIn(page, name);
      await page.locator('summary').first().click();
      await page.getByRole('navigation').getByRole('link', { name: 'Security and login' }).click();
      await page.getByRole('heading', { level: 1, name: 'Security and login' }).waitFor();
      await shot(page, `${name}-security-off`);
      expect(await page.getByRole('link', { name: /^Set up: / }).count()).toBe(4);
      await page.getByRole('link', { name: 'Set up: Authenticator app' }).click();

      const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
      const secret = new URL(link ?? '').searchParams.get('secret') ?? '';
      await page.getByLabel('Enter the 6-digit code').fill('000000');
      await page.getByRole('button', { name: 'Confirm' }).click();
      expect(await page.title()).toMatch(/^Error: /);
      await shot(page, `${name}-enrol-error`);
      expect(await page.locator('a[href^="otpauth:"]').getAttribute('href')).toBe(link);
      expect(withScript ? await accessibilityProblems(page) : []).toEqual([]);
      await page.getByLabel('Enter the 6-digit code').fill(await freshCode(secret, used));
      await page.getByRole('button', { name: 'Confirm' }).click();

      await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
      const codes = await page.locator('#codes li').allTextContents();
      expect(codes).toHaveLength(10);
      await shot(page, `${name}-codes`);
      const arriving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      const download = await arriving;
      expect(download.suggestedFilename()).toMatch(/^webadmin-backup-codes-[\w-]+-\d{4}-\d\d-\d\d\.txt$/);
      const lines = (await readFile(await download.path(), 'utf8')).split('\r\n');
      expect(lines.filter((line) => /^\w{4}(?:-\w{4}){3}$/.test(line))).toEqual(codes);
      await page.getByLabel('Type one of the codes').fill((codes[4] ?? '').toLowerCase());
      await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
      await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
      await shot(page, `${name}-security-on`);

      await signOut(page);
      await signIn(page, name);
      await page.getByRole('heading', { level: 1, name: "Confirm it's you" }).waitFor();
      await shot(page, `${name}-step`);
      await page.goto(`${app.url}/billing`);
      expect(page.url()).toBe(`${app.url}/2fa?to=%2Fbilling`);
      await page.getByLabel('Enter the 6-digit code').fill(await freshCode(secret, used));
      await page.keyboard.press('Enter');
      await page.waitForURL(`${app.url}/billing`);
      await shot(page, `${name}-billing`);

      await signOut(page);
      await signIn(page, name);
      await page.getByRole('link', { name: 'Try another way' }).click();
      await shot(page, `${name}-choose`);
      await page.getByRole('link', { name: /Backup code/ }).click();
      await shot(page, `${name}-backup-step`);
      await page.getByLabel(/backup code/i).fill(codes[4] ?? '');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'You used a backup code: 9 left' }).waitFor();
      await shot(page, `${name}-backup-used`);
      await page.getByRole('link', { name: 'Continue' }).click();
      await page.waitForURL(`${app.url}/`);
      await page.goto(`${app.url}/2fa/security`);
      await page.getByText('9 of 10 left').waitFor();
      await context.close();
    });
  }

  usually('says what happened after five wrong codes, and leads back to the goal', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-totp');
    await page.goto(`${app.url}/account`);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      await page.getByLabel('Enter the 6-digit code').fill('000000');
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.keyboard.press('Enter');
      await answered;
      await page.waitForLoadState();
      if (wrong === 3) await shot(page, 'step-error');
    }
    await page.getByRole('heading', { level: 1, name: 'This sign-in has ended' }).waitFor();
    await shot(page, 'ended');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('User name').fill('demo-totp');
    await page.getByLabel('Password').fill(demoPassword);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Enter the 6-digit code').fill(codeAt(demoSeed, Date.now()));
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/account`);

    await page.goto(`${app.url}/2fa/security`);
    await page.getByRole('link', { name: 'Manage: Demo app' }).click();
    await shot(page, 'factor');
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.getByRole('status').getByText('Removed: Demo app.').waitFor();
    expect(await page.getByText('Two-factor authentication is off', { exact: true }).count()).toBe(1);
    await context.close();
  });

  usually('begins no set-up for a link of another site: there is a button first', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-totp');
    await page.goto(`data:text/html,<a href="${app.url}/2fa/security/totp">Win a prize</a>`);
    await page.getByRole('link').click();
    await page.getByText('You came here from another site').waitFor();
    expect(await page.locator('a[href^="otpauth:"]').count()).toBe(0);
    await shot(page, 'set-up-from-elsewhere');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('a[href^="otpauth:"]').waitFor();
    await context.close();
  });

  it('check 47: never broke the content security policy', () => {
    expect(violations).toEqual([]);
  });
});
