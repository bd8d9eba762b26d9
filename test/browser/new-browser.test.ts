import type { Page } from 'playwright-core';
import { DEMO_TOTP_SEED } from '../../example-app/demo-users';
import { serveWebAdmin } from '../example-app/web-admin';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { codeAt } from '../support/browser-agent';
import { demoVisits } from '../support/demo-visits';
import { scripting, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';

describeIf('browser', 'A browser never seen before, in a browser', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  const violations: string[] = [];
  const { open, signIn, signOut, shot } = demoVisits(browser, () => app, violations);

  beforeEach(async () => {
    app = await serveWebAdmin({ NEW_BROWSER: 'confirm' });
  });
  afterEach(() => app.stop());

  const typeCode = async (page: Page): Promise<void> => {
    await page.locator('#code').fill(codeAt(DEMO_TOTP_SEED, Date.now()));
    await page.keyboard.press('Enter');
  };

  /** Follows the link of the newest message, as the outbox shows it. */
  async function openMail(page: Page): Promise<void> {
    await page.goto(`${app.url}/outbox`);
    await page.locator('.message a').first().click();
  }

  for (const [how, withScript] of scripting) {
    it(`${how}: waits in one tab, and goes on once the link was used in another`, async () => {
      const { page, context } = await open(withScript);
      await signIn(page, 'demo-totp');
      await typeCode(page);
      await page.getByRole('heading', { level: 1, name: 'Open the link we sent you' }).waitFor();
      await page.getByText('d•••@e•••.com').waitFor();
      await shot(page, `new-browser-waiting-${withScript}`);
      expect(withScript ? await accessibilityProblems(page) : []).toEqual([]);

      const second = await context.newPage();
      await openMail(second);
      await second.getByRole('heading', { level: 1, name: 'This is the right browser' }).waitFor();
      await shot(second, `new-browser-ready-${withScript}`);
      expect(withScript ? await accessibilityProblems(second) : []).toEqual([]);
      await second.getByRole('button', { name: 'Finish signing in' }).click();
      await second.waitForURL(`${app.url}/`);
      await second.close();

      // The script looks by itself when people come back to its tab.
      if (withScript) await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      else await page.getByRole('link', { name: "I've opened it" }).click();
      await page.waitForURL(`${app.url}/`);

      await signOut(page);
      await context.close();
    });
  }

  usually('opened elsewhere, says what may be going on, and stops it', async () => {
    const { page, context } = await open(true);
    await signIn(page, 'demo-totp');
    await typeCode(page);
    await page.getByRole('heading', { level: 1, name: 'Open the link we sent you' }).waitFor();

    const { page: other, context: elsewhere } = await open(true);
    await openMail(other);
    await other
      .getByRole('heading', { level: 1, name: "This isn't the browser you're signing in with" })
      .waitFor();
    await shot(other, 'new-browser-other');
    expect(await accessibilityProblems(other)).toEqual([]);
    await other.getByRole('button', { name: 'Stop that sign-in' }).click();
    await other.getByRole('heading', { level: 1, name: 'That sign-in was stopped' }).waitFor();
    await shot(other, 'new-browser-blocked');
    expect(await accessibilityProblems(other)).toEqual([]);
    await elsewhere.close();

    await page.getByRole('link', { name: "I've opened it" }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in first' }).waitFor();
    await context.close();
  });

  it('breaks no content security policy', () => {
    expect(violations).toEqual([]);
  });
});
