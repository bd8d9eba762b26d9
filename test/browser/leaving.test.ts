import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Page } from 'playwright-core';
import { useBrowser } from '../support/browser';
import { codeAt } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { freePort } from '../support/free-port';
import { hostApp, type HostApp } from '../support/host-app';
import { scripting } from '../support/exhaustive';
import { describeIf } from '../support/needs';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const landed = 'This is the other site.';

const listening = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve) => {
    server.listen(port, 'localhost', () => resolve((server.address() as AddressInfo).port));
  });

const page = (title: string, body = ''): string => `<!doctype html><title>${title}</title>${body}`;
const loginForm = `<form method="post" action="/login">
  <input name="username" value="ann"><input name="password" value="right"><button>Sign in</button></form>`;

/** Single sign-on by two redirects, a page of the app's own, and both behind a fresh proof. */
const routes =
  (other: string) =>
  (app: Express, { requireProof }: HostApp['twoFactor']): void => {
    app.get('/login', (_req, res) => void res.send(page('Sign in', loginForm)));
    app.get('/plain', (_req, res) => void res.send(page('A plain page')));
    app.get('/sso', (_req, res) => res.redirect('/sso/next?a=1'));
    app.get('/sso/next', (_req, res) => res.writeHead(302, { Location: `${other}/landing?b="2"&c=3` }).end());
    const fresh = requireProof({ within: '5m' });
    app.get('/fresh/plain', fresh, (_req, res) => void res.send(page('A plain page')));
    app.get('/fresh/sso', fresh, (_req, res) => res.redirect('/sso'));
  };

describeIf('browser', 'A page that leads on to another site', () => {
  const browser = useBrowser();
  let [host, other]: [HostApp | null, string] = [null, ''];
  let home = '';
  const servers: Server[] = [];

  beforeAll(async () => {
    const away = createServer((req, res) => {
      res.setHeader('Content-Type', 'text/html');
      res.end(page('Other site', `<p>${landed}</p><p id="url">${encodeURIComponent(req.url ?? '')}</p>`));
    });
    other = `http://localhost:${await listening(away)}`;
    const port = await freePort();
    home = `http://localhost:${port}`;
    host = hostApp({ origin: home }, routes(other));
    const here = createServer(host.app);
    await listening(here, port);
    servers.push(away, here);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret: seed, label: 'Phone' });
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  });

  /** Types a code that was not used yet into the step that is on the screen. */
  async function prove(at: Page): Promise<void> {
    host?.clock.move(2 * minutes);
    await at.locator('input[name="code"]').fill(codeAt(seed, host?.clock.now() ?? 0));
    await at.locator('form[action*="/2fa/totp"] button[type="submit"]').click();
  }

  async function atStep(withScript: boolean, goal: string): Promise<{ at: Page; seen: string[] }> {
    const context = await browser().newContext({ javaScriptEnabled: withScript });
    const at = await context.newPage();
    await at.goto(`${home}/login`);
    await at.getByRole('button', { name: 'Sign in' }).click();
    await at.goto(`${home}${goal}`);
    const seen: string[] = [];
    at.on('framenavigated', (frame) => void seen.push(frame.url().replace(/\?.*/, '')));
    return { at, seen };
  }

  describe.each(scripting)('%s', (_, withScript) => {
    it('is reached after the step, and after a fresh proof', async () => {
      for (const goal of ['/sso', '/fresh/sso']) {
        const { at } = await atStep(withScript, goal);
        await prove(at);
        await at.getByText(landed).waitFor();
        expect(at.url()).toBe(`${other}/landing?b=%222%22&c=3`);
        host?.clock.move(10 * minutes);
        await at.goto(`${home}/fresh/sso`);
        expect(at.url()).toContain('/2fa/confirm');
        await prove(at);
        await at.getByText(landed).waitFor();
        await at.context().close();
      }
    });

    it('shows no page of its own where it stays', async () => {
      for (const goal of ['/plain', '/fresh/plain']) {
        const { at, seen } = await atStep(withScript, goal);
        await prove(at);
        await at.waitForURL(`${home}${goal}`);
        expect(await at.title()).toBe('A plain page');
        expect(seen).toEqual([`${home}${goal}`]);
        await at.context().close();
      }
    });
  });
});
