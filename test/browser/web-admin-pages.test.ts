import type { Page } from 'playwright-core';
import { serveWebAdmin } from '../example-app/web-admin';
import { accessibilityProblems } from '../support/accessibility';
import { useBrowser } from '../support/browser';
import { days } from '../support/clock';
import { demoVisits } from '../support/demo-visits';
import { describeIf } from '../support/needs';
import { PHONE, withPage } from './pages';

jest.setTimeout(120_000);

const OWN = ['/', '/account', '/billing', '/login', '/2fa/security', '/2fa/security/totp'];

describeIf('browser', 'The pages of WebAdmin, and ours within its shell', () => {
  const browser = useBrowser();
  let app: Awaited<ReturnType<typeof serveWebAdmin>>;
  beforeAll(async () => {
    app = await serveWebAdmin();
  });
  afterAll(() => app.stop());

  const visitOf = () => demoVisits(browser, () => app, []);
  async function signIn(page: Page): Promise<void> {
    await page.goto(`${app.url}/login`);
    await page.locator('#username').fill('demo');
    await page.locator('#password').fill('correct horse battery staple');
    await page.locator('#password').press('Enter');
    await page.locator('.wa-side').waitFor({ state: 'attached' });
  }

  it('have the same bar and the same menu, of the same height', async () => {
    await withPage(browser(), {}, async (page) => {
      await signIn(page);
      const boxes = new Set<string>();
      for (const path of OWN) {
        await page.goto(`${app.url}${path}`);
        const bar = await page.locator('.wa-bar').boundingBox();
        const side = await page.locator('.wa-side').boundingBox();
        boxes.add(JSON.stringify([bar?.height, side?.x, side?.y, side?.width]));
      }
      expect(boxes.size).toBe(1);
    });
  });

  it.each(['/', '/2fa/security'])('close their menu by Escape and by a click outside: %s', async (path) => {
    await withPage(browser(), {}, async (page) => {
      await signIn(page);
      await page.goto(`${app.url}${path}`);
      const summary = page.locator('.wa-bar summary');
      const signOut = page.getByRole('button', { name: 'Sign out', exact: true });
      await summary.click();
      expect(await signOut.isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await signOut.isVisible()).toBe(false);
      expect(await page.locator('.wa-bar summary:focus').count()).toBe(1);
      await summary.click();
      await page.locator('h1').click();
      expect(await signOut.isVisible()).toBe(false);
    });
  });

  it('open both menus on a phone without JavaScript', async () => {
    await withPage(browser(), { viewport: PHONE, javaScriptEnabled: false }, async (page) => {
      await signIn(page);
      await page.locator('.wa-side summary').click();
      await page.getByRole('link', { name: 'Billing' }).click();
      await page.waitForURL(`${app.url}/billing`);
      await page.locator('.wa-bar summary').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome to WebAdmin');
    });
  });

  it('let a visitor skip days without JavaScript, on a page that everybody can use', async () => {
    await withPage(browser(), { viewport: PHONE, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${app.url}/outbox`);
      const clock = page.locator('time.clock');
      const before = Date.parse((await clock.getAttribute('datetime')) ?? '');
      await page.getByRole('button', { name: '7 days' }).click();
      await page.getByText('The clock was moved.').waitFor();
      const skipped = Date.parse((await clock.getAttribute('datetime')) ?? '') - before;
      expect(Math.abs(skipped - 7 * days)).toBeLessThan(20_000);
    });
    await withPage(browser(), { viewport: { width: 320, height: 640 } }, async (page) => {
      await page.goto(`${app.url}/outbox?notice=clock`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      expect(await accessibilityProblems(page)).toEqual([]);
    });
  });

  it('show the present code of demo-totp, which signs in', async () => {
    const { page, context } = await visitOf().open(true);
    await page.goto(`${app.url}/outbox`);
    const code = (await page.locator('.app dt:text-is("demo-totp") + .code').textContent()) ?? '';
    await visitOf().signIn(page, 'demo-totp');
    await page.getByLabel('Enter the 6-digit code').fill(code);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('demo-totp');
    await context.close();
  });
});
