import { createServer, type Server } from 'node:http';
import express from 'express';
import onHeaders from 'on-headers';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { listen } from '../../example-app/listen';
import { serveWebAdmin } from '../example-app/web-admin';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { minutes, seconds } from '../support/clock';
import { codesApp, newest, type CodesApp } from '../support/codes-app';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/needs';
import { demoPassword } from '../support/web-admin';
import { withPage } from './pages';

jest.setTimeout(120_000);

describeIf('browser', 'without its stylesheets', () => {
  const browser = useBrowser();
  const bare = (page: Page) => page.route('**/*.css*', (route) => route.abort());
  const faults = (page: Page) => page.evaluate<string[]>('inPage.faultsWithoutStyles()');

  it('check 55: a sign-in to WebAdmin, and setting up an app, are done as ever', async () => {
    const app = await serveWebAdmin();
    const found: string[] = [];
    await withPage(browser(), {}, async (page) => {
      await bare(page);
      const look = async () => {
        for (const what of await faults(page)) found.push(`${page.url()}: ${what}`);
      };
      await page.goto(`${app.url}/`);
      await look();
      await page.goto(`${app.url}/login`);
      await look();
      await page.getByLabel('User name').fill('demo');
      await page.getByLabel('Password').fill(demoPassword);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Hello' }).waitFor();
      await look();
      for (const path of ['/account', '/billing', '/outbox', '/2fa/security', '/2fa/security/totp']) {
        await page.goto(`${app.url}${path}`);
        await look();
      }
      const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
      const secret = new URL(link ?? '').searchParams.get('secret') ?? '';
      await page.getByLabel('Enter the 6-digit code').fill(codeAt(secret, Date.now()));
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('heading', { level: 1, name: 'Save your backup codes' }).waitFor();
      await look();
    });
    await app.stop();
    expect(found).toEqual([]);
  });
});

const login = `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1>
<form method="post" action="/login"><input name="username" value="ann"><input name="password" value="right"><button>Sign in</button></form>`;

describeIf('browser', 'An app of the usual shape', () => {
  const browser = useBrowser();
  let host: CodesApp;
  let server: Server;
  let home = '';
  let context: BrowserContext;

  /** @param policy what a proxy adds to every answer */
  async function start(options: BrowserContextOptions, policy?: string): Promise<Page> {
    const port = await freePort();
    home = `http://localhost:${port}`;
    host = codesApp({ origin: home }, (app) => {
      app.get('/login', (_req, res) => void res.send(login));
      app.get(
        '/',
        (req, res) =>
          void res.send(`<!doctype html><title>Home</title><h1>${req.user ? 'Home' : 'Nobody'}</h1>`),
      );
    });
    const outer = express();
    outer.use((_req, res, next) => {
      onHeaders(res, () => void (policy && res.appendHeader('Content-Security-Policy', policy)));
      next();
    });
    server = createServer(outer.use(host.app));
    await listen(server, port);
    context = await browser().newContext(options);
    context.setDefaultTimeout(6_000);
    return context.newPage();
  }
  afterEach(async () => {
    await context.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const heading = (page: Page, name: string): Promise<void> =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();
  async function type(page: Page, text: string): Promise<void> {
    await page.locator('#code').fill(text);
    await page.locator('form:has(#code) button[type=submit]:not([form])').first().click();
  }
  async function givePassword(page: Page): Promise<void> {
    // A login that is complete would go on.
    await page.context().clearCookies();
    await page.goto(`${home}/login`);
    await press(page, 'Sign in');
  }

  /** Adds an app and saves its codes. */
  async function addApp(page: Page): Promise<{ codes: string[]; code: () => string }> {
    await page.goto(`${home}/2fa/security/totp`);
    const link = await page.locator('a[href^="otpauth:"]').getAttribute('href');
    const secret = new URL(link ?? '').searchParams.get('secret') ?? '';
    const code = (): string => {
      host.clock.move(31 * seconds);
      return codeAt(secret, host.clock.now());
    };
    await type(page, code());
    await heading(page, 'Save your backup codes');
    const codes = await page.locator('#codes li').allTextContents();
    await type(page, codes[0] ?? '');
    await heading(page, 'Security and login');
    return { codes, code };
  }

  it('check 46: without JavaScript every way in but keys works, and everything on the security page', async () => {
    const page = await start({ javaScriptEnabled: false });
    await givePassword(page);
    const { codes, code } = await addApp(page);

    const sent = [
      ['otp-sms', '+420777123123', host.sms],
      ['otp-email', 'ann@box.example', host.email],
    ] as const;
    for (const [kind, address, sender] of sent) {
      await page.goto(`${home}/2fa/security/${kind}`);
      await page.locator('#address').fill(address);
      await press(page, 'Send the code');
      await page.getByText('We sent a code to').waitFor();
      await type(page, newest(sender));
      await heading(page, 'Security and login');
    }
    for (const [kind, , sender] of sent) {
      await givePassword(page);
      await page.getByRole('link', { name: 'Try another way' }).click();
      await page.locator(`a[href^="/2fa/${kind}"]`).click();
      host.clock.move(2 * minutes);
      await press(page, 'Send the code');
      await type(page, newest(sender));
      await heading(page, 'Home');
    }
    await givePassword(page);
    await type(page, code());
    await heading(page, 'Home');

    await page.goto(`${home}/2fa/security/browsers`);
    await page.locator('main form button').first().click();
    await page.getByRole('status').waitFor();

    await page.goto(`${home}/2fa/security`);
    await page.getByRole('link', { name: 'Manage: Authenticator app' }).click();
    await page.getByLabel('Name').fill('Blue tablet');
    await press(page, 'Save the name');
    await page.getByText('The name is now Blue tablet.').waitFor();
    await page.getByRole('link', { name: 'Manage: Blue tablet' }).click();
    await press(page, 'Ask for this one first');
    await heading(page, 'Security and login');

    // The change needs a new proof, and goes on after it.
    host.clock.move(10 * minutes);
    await press(page, 'Sign out other devices');
    await page.getByRole('link', { name: "Confirm it's you" }).click();
    await type(page, code());
    await press(page, 'Sign out other devices');
    await heading(page, 'Security and login');

    await page.goto(`${home}/2fa/security/backup-codes`);
    await press(page, 'Make new codes');
    const fresh = await page.locator('#codes li').allTextContents();
    expect(fresh).not.toEqual(codes);
    await type(page, (fresh[3] ?? '').slice(-4));
    await heading(page, 'Security and login');

    await givePassword(page);
    await page.goto(`${home}/2fa/backup-code`);
    await type(page, fresh[5] ?? '');
    await heading(page, 'You used a backup code: 9 left');
    await page.goto(`${home}/2fa/security`);
    await page.getByRole('link', { name: 'Manage: Blue tablet' }).click();
    await press(page, 'Remove Blue tablet');
    await page.getByText('Removed: Blue tablet.').waitFor();

    await givePassword(page);
    await press(page, 'Cancel and sign out');
    await page.goto(`${home}/`);
    await heading(page, 'Nobody');
  });

  // helmet 8, as it is without options.
  const helmets =
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'";

  it.each([
    ["helmet's own policy", helmets, []],
    ['a policy of nonces, which stops our scripts', "script-src 'nonce-abc'", ['script-src-elem']],
  ])('check 48: works behind %s', async (_what, policy, stopped) => {
    const page = await start({}, policy);
    const refused = new Set<string>();
    await page.exposeFunction('note', (directive: string) => void refused.add(directive));
    await page.addInitScript(
      "addEventListener('securitypolicyviolation', ({ violatedDirective }) => note(violatedDirective))",
    );
    await givePassword(page);
    const { code } = await addApp(page);
    await givePassword(page);
    await type(page, '000000');
    await page.getByRole('alert').waitFor();
    await type(page, code());
    await heading(page, 'Home');
    await page.goto(`${home}/2fa/security`);
    await heading(page, 'Security and login');
    expect([...refused]).toEqual(stopped);
  });
});
