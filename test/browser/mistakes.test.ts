import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import type { BrowserContext, Page } from 'playwright-core';
import { listen } from '../../example-app/listen';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { minutes } from '../support/clock';
import { codesApp, type CodesApp } from '../support/codes-app';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/needs';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const html = (title: string, body = ''): string =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}`;
const button = (action: string, text: string, fields = ''): string =>
  `<form method="post" action="${action}">${fields}<button>${text}</button></form>`;
const loginForm = button(
  '',
  'Sign in',
  '<input name="username" value="ann"><input name="password" value="right">',
);

/** An app of the usual shape, whose pages say which one they are. */
function routes(app: Express): void {
  app.get('/login', (req, res) => void res.send(html(req.user ? 'Sign in again' : 'Sign in', loginForm)));
  for (const name of ['Home', 'Billing', 'Reports']) {
    app.get(name === 'Home' ? '/' : `/${name.toLowerCase()}`, (req, res) => {
      if (!req.user) return res.redirect('/login');
      res.send(html(name, button('/logout', 'Sign out')));
    });
  }
}

describeIf('browser', 'What people did at the second factor, and where it took them', () => {
  const browser = useBrowser();
  let host: CodesApp;
  let server: Server;
  let home = '';
  const opened: BrowserContext[] = [];

  beforeEach(async () => {
    const port = await freePort();
    home = `http://localhost:${port}`;
    host = codesApp({ origin: home }, routes);
    server = createServer(host.app);
    await listen(server, port);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: "Ann's phone" });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((context) => context.close()));
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  async function visit(withScript = true): Promise<Page> {
    const context = await browser().newContext({ javaScriptEnabled: withScript });
    context.setDefaultTimeout(6_000);
    opened.push(context);
    return context.newPage();
  }

  async function givePassword(page: Page): Promise<void> {
    await page.goto(`${home}/login`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Enter the 6-digit code').waitFor();
  }

  async function type(page: Page, digits: string): Promise<void> {
    await page.locator('#code').fill(digits);
    await page.locator('#code').press('Enter');
  }

  /** A code that was not used yet. */
  function code(): string {
    host.clock.move(minutes);
    return codeAt(seed, host.clock.now());
  }

  async function arrivedAt(page: Page, name: string): Promise<string | null> {
    const heading = page.getByRole('heading', { level: 1, name });
    await heading.waitFor();
    return heading.textContent();
  }

  describe.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('%s', (_how, withScript) => {
    it('going Back from the step to the login page and typing the code leads home', async () => {
      const page = await visit(withScript);
      await givePassword(page);
      await page.goBack();
      await type(page, code());
      expect(await arrivedAt(page, 'Home')).toBe('Home');
    });

    it.each(['/login', '/logout', '/LOGIN/', '/2fa', '/2fa/totp?to=%2Flogin', '/2fa/confirm'])(
      'the code never leads to %s',
      async (goal) => {
        const page = await visit(withScript);
        await givePassword(page);
        await page.goto(`${home}/2fa?to=${encodeURIComponent(goal)}`);
        await type(page, code());
        expect(await arrivedAt(page, 'Home')).toBe('Home');
      },
    );
  });

  it('Back after a wrong code shows a page of ours, and never asks to send the form again', async () => {
    const page = await visit();
    await givePassword(page);
    await page.goto(`${home}/billing`);
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await page.reload();
    await page.getByLabel('Enter the 6-digit code').waitFor();
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await page.goBack();
    await page.getByLabel('Enter the 6-digit code').waitFor();
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await type(page, code());
    expect(await arrivedAt(page, 'Billing')).toBe('Billing');
    await page.goBack();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe("Confirm it's you");
  });

  describe.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])('adding a phone %s', (_how, withScript) => {
    const numberSent = (page: Page, number: string) => page.getByText(`We sent a code to ${number}`);

    async function sendTo(page: Page, number: string): Promise<void> {
      await page.locator('#address').fill(number);
      await page.locator('form:has(#address) button[type=submit]:not([form])').click();
    }

    it('a mistyped number can be corrected at once, and the same one says when it can be sent to again', async () => {
      const page = await visit(withScript);
      await givePassword(page);
      await type(page, code());
      await page.goto(`${home}/2fa/security/otp-sms`);
      await sendTo(page, '+420777000011');
      await numberSent(page, '+420777000011').waitFor();
      await page.getByText('Use a different number').click();
      await sendTo(page, '+420777000022');
      await numberSent(page, '+420777000022').waitFor();
      expect(host.sms.sent).toHaveLength(2);
      await page.getByText('Use a different number').click();
      await sendTo(page, '+420 777 000 022');
      expect(await page.getByRole('alert').textContent()).toMatch(/A code is on its way.*new code from/s);
      expect(host.sms.sent).toHaveLength(2);
    });
  });

  it('a new code asked for too soon says how long to wait, beside the button', async () => {
    const page = await visit();
    await givePassword(page);
    await type(page, code());
    await page.goto(`${home}/2fa/security/otp-sms`);
    await page.locator('#address').fill('+420777000011');
    await page.locator('#address').press('Enter');
    await page.getByRole('button', { name: 'Send a new code' }).click({ force: true });
    expect(await page.locator('.again [role=status]').textContent()).toMatch(
      /^You can ask for a new code in 0:\d\d\.$/,
    );
    expect(host.sms.sent).toHaveLength(1);
  });
});
