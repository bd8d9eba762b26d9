import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { Express } from 'express';
import type { Page } from 'playwright-core';
import { useBrowser } from '../support/browser';
import { codeAt } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { freePort } from '../support/free-port';
import { hostApp, type HostApp, type TestUser } from '../support/host-app';
import { describeIf } from '../support/needs';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

const worker = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));`;

const page = (title: string, body = ''): string =>
  `<!doctype html><title>${title}</title><h1>${title}</h1>${body}`;
const form = (action: string, button: string, fields = ''): string =>
  `<form method="post" action="${action}">${fields}<button>${button}</button></form>`;
const login = form(
  '/login',
  'Sign in',
  '<input name="username" value="ann"><input name="password" value="right">',
);
const work = form('/transfer', 'Transfer') + form('/leave', 'Sign out');

const routes = (app: Express, { requireProof }: HostApp['twoFactor']): void => {
  const fresh = requireProof({ within: '5m' });
  app.get('/worker.js', (_req, res) => void res.type('js').send(worker));
  app.get('/login', (_req, res) => void res.send(page('Welcome', login)));
  app.get('/account', (req, res) => {
    const user = req.user as TestUser | undefined;
    res.send(user ? page(`Account of ${user.name}`, work) : page('Nobody is signed in'));
  });
  app.get('/bills', fresh, (_req, res) => void res.send(page('Bills')));
  app.post('/transfer', fresh, (_req, res) => void res.send(page('Transferred')));
  app.post('/leave', (req, res, next) =>
    req.logout((error) => (error ? next(error) : res.redirect(303, '/account'))),
  );
};

interface Asked {
  readonly what: string;
  readonly mode: IncomingHttpHeaders[string];
  readonly dest: IncomingHttpHeaders[string];
}

describeIf('browser', 'An app whose service worker fetches every page again', () => {
  const browser = useBrowser();
  let [host, server]: [HostApp | null, Server | null] = [null, null];
  let home = '';
  let asked: Asked[] = [];

  beforeAll(async () => {
    const port = await freePort();
    home = `http://localhost:${port}`;
    const made = hostApp({ origin: home }, routes);
    host = made;
    server = createServer(({ headers, method, url = '' }, _res) => {
      const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
      asked.push({ what: `${method} ${url.replace(/\?.*/, '')}`, mode, dest });
    });
    server.on('request', made.app);
    await new Promise<void>((done) => server?.listen(port, 'localhost', done));
    await made.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'Phone' });
  });
  afterAll(() => new Promise((done) => server?.close(done)));

  /** A page that the worker is in control of from its next load on. */
  async function workedOn(): Promise<Page> {
    const context = await browser().newContext();
    context.setDefaultTimeout(6_000);
    const at = await context.newPage();
    await at.goto(`${home}/login`);
    await at.evaluate(
      "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => null)",
    );
    await at.reload();
    asked = [];
    return at;
  }

  const isControlled = (at: Page): Promise<boolean> =>
    at.evaluate('navigator.serviceWorker.controller !== null');

  /** Waits for a page that came by way of the worker. */
  async function arrives(at: Page, address: string, title: string | RegExp): Promise<void> {
    await at.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(at.url()).toBe(home + address);
    expect([address, await isControlled(at)]).toEqual([address, true]);
  }

  /** Types a code that was not used yet into the step that is on the screen. */
  async function prove(at: Page): Promise<void> {
    host?.clock.move(1 * minutes);
    await at.getByLabel('Enter the 6-digit code').fill(codeAt(seed, host?.clock.now() ?? 0));
    await at.keyboard.press('Enter');
  }

  it('signs in by password and code, proves anew, and signs out', async () => {
    const at = await workedOn();
    await arrives(at, '/login', 'Welcome');
    await at.getByRole('button', { name: 'Sign in' }).click();
    await arrives(at, '/2fa', "Confirm it's you");
    await at.goto(`${home}/account`);
    await arrives(at, '/2fa?to=%2Faccount', "Confirm it's you");
    await at.getByLabel('Enter the 6-digit code').fill('000000');
    await at.keyboard.press('Enter');
    await at.getByText("That code isn't right.", { exact: true }).waitFor();
    await prove(at);
    await arrives(at, '/account', 'Account of ann@example.com');

    host?.clock.move(10 * minutes);
    await at.goto(`${home}/bills`);
    await arrives(at, '/2fa/confirm?to=%2Fbills', "Confirm it's you");
    await prove(at);
    await arrives(at, '/bills', 'Bills');

    host?.clock.move(10 * minutes);
    await at.goto(`${home}/account`);
    await at.getByRole('button', { name: 'Transfer' }).click();
    await arrives(at, '/transfer', 'That has not been done yet');
    await at.locator('main').getByRole('link').first().click();
    await arrives(at, '/2fa/confirm?to=%2Faccount', "Confirm it's you");
    await prove(at);
    await arrives(at, '/account', 'Account of ann@example.com');
    await at.getByRole('button', { name: 'Transfer' }).click();
    await arrives(at, '/transfer', 'Transferred');

    await at.goto(`${home}/account`);
    await at.getByRole('button', { name: 'Sign out' }).click();
    await arrives(at, '/account', 'Nobody is signed in');
    await at.context().close();

    const pages = asked.filter(({ mode }) => mode === 'navigate');
    expect(pages.filter(({ dest }) => dest !== 'empty')).toEqual([]);
    expect(pages.filter(({ what }) => what === 'POST /2fa/totp')).toHaveLength(4);
  });

  it('still knows a link on another site from one of its own', async () => {
    const at = await workedOn();
    await at.getByRole('button', { name: 'Sign in' }).click();
    await arrives(at, '/2fa', "Confirm it's you");
    await at.goto(`${home}/account`);
    await prove(at);
    await arrives(at, '/account', 'Account of ann@example.com');
    const setUp = '/2fa/security/totp';
    await at.goto(`data:text/html,<a href="${home}${setUp}">Win a prize</a>`);
    await at.getByRole('link').click();
    await at.getByText('You came here from another site.').waitFor();
    expect([await isControlled(at), await at.locator('a[href^="otpauth:"]').count()]).toEqual([true, 0]);
    await at.goto(home + setUp);
    await at.locator('a[href^="otpauth:"]').waitFor();
    await at.context().close();
  });
});
