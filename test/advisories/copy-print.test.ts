import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { codeAt } from '../support/browser-agent';
import { useBrowser } from '../support/browser';
import { freePort } from '../support/free-port';
import { hostApp, type HostApp } from '../support/host-app';
import { describeIf } from '../support/needs';

describeIf('browser', 'Backup codes on the screen', () => {
  const chromium = useBrowser();
  let server: Server;
  let base: string;
  let host: HostApp;
  let context: BrowserContext;

  const start = async (given: Parameters<typeof hostApp>[0] = {}) => {
    const port = await freePort();
    base = `http://localhost:${port}`;
    host = hostApp({ origin: base, ...given });
    server = createServer(host.app);
    await new Promise<void>((done) => {
      server.listen(port, 'localhost', done);
    });
    context = await chromium().newContext();
  };
  afterEach(async () => {
    await context.close();
    await new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  });

  /** Signed in, with the codes of a first factor on the screen. */
  async function showCodes(prepare = ''): Promise<{ page: Page; codes: readonly string[] }> {
    const headers = { Origin: base, Accept: 'application/json' };
    const post = (path: string, data: object) => context.request.post(base + path, { headers, data });
    await post('/login', { username: 'ann', password: 'right' });
    const setup: { secret: string } = await (
      await context.request.get(`${base}/2fa/security/totp`, { headers })
    ).json();
    const confirmed: { backupCodes: string[] } = await (
      await post('/2fa/security/totp', { code: codeAt(setup.secret, host.clock.now()) })
    ).json();
    const page = await context.newPage();
    if (prepare) await page.addInitScript(prepare);
    await page.goto(`${base}/2fa/security/backup-codes`);
    return { page, codes: confirmed.backupCodes };
  }

  const status = (page: Page): Promise<string> => page.locator('[data-status]').innerText();

  it.each([
    [
      'mozilla/fxa-content-server #6289',
      'Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined })',
    ],
    [
      'mozilla/fxa-content-server #6553',
      'Object.defineProperty(Navigator.prototype, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } })',
    ],
    ['LanternOps/breeze #4471', 'delete Navigator.prototype.clipboard; delete document.execCommand'],
  ])('%s: a copy that fails says so, selects the codes, and leaves them there', async (_id, breaks) => {
    await start();
    const { page, codes } = await showCodes(breaks);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText("Copying didn't work").waitFor();
    expect(await status(page)).not.toContain('Copied');
    const selected = await page.evaluate<string>('getSelection().toString()');
    for (const code of codes) expect(selected).toContain(code);
    expect(await page.locator('#codes li').allInnerTexts()).toEqual(codes);
  });

  it('MacRimi/ProxMenux #141: "Copied" is said when it is true, and one code stands on each line', async () => {
    await start();
    const copies =
      'window.copied = []; Object.defineProperty(Navigator.prototype, "clipboard", { value: { writeText: async (text) => { window.copied.push(text) } } })';
    const { page, codes } = await showCodes(copies);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate<string[]>('copied')).toEqual([codes.join('\n')]);
  });

  it('bitwarden/web #759: download works, print is there only where it works, and nothing opens a window', async () => {
    await start();
    const { page, codes } = await showCodes('window.open = () => { throw new Error("blocked") }');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    for (const code of codes) expect(text).toContain(`\r\n${code}\r\n`);
    expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(1);
    expect(context.pages()).toHaveLength(1);
    expect(await page.locator('#codes li').allInnerTexts()).toEqual(codes);
    await page.addInitScript('delete window.print; delete Window.prototype.print');
    await page.reload();
    expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0);
  });

  it.each(['Expensify/App #77573', 'Expensify/App PR #82935'])(
    '%s: each press of Copy is announced anew, and the focus stays on it',
    async () => {
      await start();
      const copies =
        'Object.defineProperty(Navigator.prototype, "clipboard", { value: { writeText: async () => undefined } })';
      const { page } = await showCodes(copies);
      const said: string[] = [];
      const button = page.getByRole('button', { name: 'Copy' });
      for (let press = 0; press < 3; press += 1) {
        const before = await status(page);
        await button.press('Enter');
        await page.waitForFunction(
          `document.querySelector('[data-status]').textContent !== ${JSON.stringify(before)}`,
        );
        said.push(await status(page));
        expect(await page.evaluate('document.activeElement.textContent')).toBe('Copy');
      }
      expect(said).toEqual(['Copied', 'Copied again', 'Copied']);
      expect(await page.getByRole('status').count()).toBeGreaterThan(0);
    },
  );

  it.each(['glpi-project/glpi #23232', 'haumacher/phoneblock #162'])(
    '%s: on a page written from right to left each code and what is typed run from left to right',
    async () => {
      await start({ locale: () => 'ar', locales: { ar: { 'codes.title': 'احفظ الرموز الاحتياطية' } } });
      const { page, codes } = await showCodes();
      expect(await page.evaluate('getComputedStyle(document.documentElement).direction')).toBe('rtl');
      const lefts = await page.evaluate<number[]>(
        `(() => {
          const text = document.querySelector('#codes li').firstChild;
          return [...text.data.trim()].map((_, at) => {
            const range = document.createRange();
            range.setStart(text, text.data.indexOf(text.data.trim()) + at);
            range.setEnd(text, text.data.indexOf(text.data.trim()) + at + 1);
            return range.getBoundingClientRect().left;
          });
        })()`,
      );
      expect(lefts).toHaveLength(19);
      expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
      const input = page.locator('#code');
      await input.pressSequentially(codes[0] ?? '');
      expect(await input.inputValue()).toBe(codes[0]);
      expect(await page.evaluate("getComputedStyle(document.querySelector('#code')).direction")).toBe('ltr');
    },
  );
});
