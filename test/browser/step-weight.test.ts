import type { Page, Response } from 'playwright-core';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { demoVisits } from '../support/demo-visits';
import { share, usually } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { virtualKey } from '../support/virtual-key';
import { buildWebAdmin, demoSeed, startWebAdmin, type WebAdmin } from '../support/web-admin';

jest.setTimeout(60_000);

/** Bytes of CSS and JavaScript as they are served, which is without compression; 1 kB is 1000 bytes. */
const MOST = 15_000;

describeIf('browser', 'The step page, as a bad phone loads it', () => {
  const browser = useBrowser();
  let app: WebAdmin;
  beforeAll(async () => {
    buildWebAdmin();
    app = await startWebAdmin();
  });
  afterAll(() => app.stop());

  const { open, signIn, signOut } = demoVisits(browser, () => app, []);

  /** Loads the page that is open once more, with nothing of it in the cache: what came, and what held up its paint. */
  async function load(page: Page) {
    const came: Response[] = [];
    const note = (response: Response): void => void came.push(response);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.clearBrowserCache');
    page.on('response', note);
    await page.goto(page.url(), { waitUntil: 'networkidle' });
    page.off('response', note);
    const bodies = came.filter((one) => ['stylesheet', 'script'].includes(one.request().resourceType()));
    const sizes = await Promise.all(bodies.map(async (one) => (await one.body()).length));
    const blocking = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').filter((one) => one.renderBlockingStatus === 'blocking')
        .map(({ name }) => new URL(name).pathname)`,
    );
    return {
      requests: came.map((one) => one.request().resourceType()),
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      blocking,
    };
  }

  async function expectLight(page: Page): Promise<void> {
    const { requests, bytes, blocking } = await load(page);
    expect(requests.toSorted()).toEqual(['document', 'script', 'stylesheet']);
    expect(bytes).toBeLessThan(MOST);
    expect(blocking).toEqual(['/2fa/assets/style.css']);
  }

  async function atStep(name: string, work: (page: Page) => Promise<void>): Promise<void> {
    const { page, context } = await open(true);
    await signIn(page, name);
    await page.waitForURL(/\/2fa/);
    await work(page);
    await context.close();
  }

  it.each(
    share(
      [
        ['the code of an app', 'demo-totp', '/2fa/totp'],
        ['the list of ways', 'demo-totp', '/2fa/choose'],
        ['a text message to be sent', 'demo-sms', '/2fa/otp-sms'],
        ['an e-mail to be sent', 'demo-email', '/2fa/otp-email'],
      ] as const,
      ([what]) => what === 'the code of an app',
    ),
  )(
    'check 65: is three requests, under 15 kB of CSS and JavaScript, and one file that it waits for: %s',
    (_what, name, path) =>
      atStep(name, async (page) => {
        await page.goto(`${app.url}${path}`);
        await expectLight(page);
      }),
  );

  usually(
    'check 65: is one field and one button, leads on with no page between, and asks no other site',
    () =>
      atStep('demo-totp', async (page) => {
        expect(await page.locator('input:visible:not([type=checkbox])').count()).toBe(1);
        // One may be asked less often here; whoever leaves the box alone is not.
        expect(await page.locator('input:checked').count()).toBe(0);
        const form = page.locator('form:has(#code)');
        expect(await form.getByRole('button').count()).toBe(1);
        const asked: string[] = [];
        page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
        await page.locator('#code').fill(codeAt(demoSeed, Date.now()));
        await form.getByRole('button').click();
        await page.getByRole('heading', { level: 1, name: 'Hello' }).waitFor();
        expect(asked.slice(0, 2)).toEqual([`POST ${app.url}/2fa/totp`, `GET ${app.url}/`]);
        expect(asked.filter((one) => !one.includes(app.url))).toEqual([]);
      }),
  );

  it.each(share(['demo-sms', 'demo-email'], (name) => name === 'demo-sms'))(
    'is no more once the code was sent: %s',
    (name) =>
      atStep(name, async (page) => {
        await page.getByRole('button', { name: 'Send the code' }).click();
        await page.locator('#code').waitFor();
        await expectLight(page);
      }),
  );

  usually('is no more for a key, and for the backup codes that come with it', async () => {
    const { page, context } = await open(true);
    await virtualKey(page, { transport: 'internal' });
    await signIn(page, 'demo-key');
    await page.goto(`${app.url}/2fa/security/webauthn`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('#code').fill((await page.locator('#codes li').first().textContent()) ?? '');
    await page.keyboard.press('Enter');
    await page.getByText('Two-factor authentication is on', { exact: true }).waitFor();
    await signOut(page);
    await signIn(page, 'demo-key');
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await expectLight(page);
    await page.goto(`${app.url}/2fa/backup-code`);
    await expectLight(page);
    await context.close();
  });

  usually(
    'waits for no file after the login page, which had its stylesheet fetched while the password was typed',
    async () => {
      const { page, context } = await open(true);
      const fetched = page.waitForResponse('**/2fa/assets/style.css?*');
      await page.goto(`${app.url}/login`);
      await (await fetched).finished();
      await signIn(page, 'demo-totp');
      await page.waitForURL(/\/2fa/);
      const sent = await page.evaluate<number[]>(
        `performance.getEntriesByType('resource').filter(({ name }) => name.includes('style.css'))
        .map(({ transferSize }) => transferSize)`,
      );
      expect(sent).toEqual([0]);
      await context.close();
    },
  );
});
