import { join } from 'node:path';
import { createRenderer } from '../../lib/pages/render';
import { useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { rightToLeftTexts } from '../support/pseudo-locale';
import { viewSamples } from '../support/view-samples';
import { serveViews } from '../support/view-server';
jest.setTimeout(120000);
describeIf('browser', 'shots', () => {
  const browser = useBrowser();
  it('shoots', async () => {
    const renderer = createRenderer({ appName: 'WebAdmin', locales: { he: rightToLeftTexts }, timeZone: 'UTC' });
    const server = await serveViews(renderer, await viewSamples());
    const names = ['key', 'key-wrong', 'enrol-key', 'enrol-key-there', 'offer-key', 'security-keys', 'factor-key-elsewhere'];
    for (const [kind, options, lang] of [
      ['light', { viewport: { width: 700, height: 700 }, colorScheme: 'light' }, 'en'],
      ['dark320', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }, 'cs'],
      ['rtl', { viewport: { width: 420, height: 640 }, colorScheme: 'light' }, 'he'],
    ] as const) {
      const context = await browser().newContext(options);
      const page = await context.newPage();
      page.on('pageerror', (e) => process.stderr.write(`ERR ${e.message}\n`));
      page.on('console', (e) => process.stderr.write(`CONSOLE ${e.text()}\n`));
      await page.addInitScript({ path: join(__dirname, '../support/in-page.js') });
      for (const name of names) {
        await page.goto(server.url(name, lang));
        await page.screenshot({ path: `/tmp/shots/${name}-${kind}.png`, fullPage: true });
        if (name === 'key' || name === 'enrol-key-there') {
          await page.evaluate("navigator.credentials.get = navigator.credentials.create = () => Promise.reject(new DOMException('The relying party ID is not a registrable domain suffix of, nor equal to the current domain.', 'SecurityError'))");
          await page.route('**/options', (route) => route.fulfill({ json: { challenge: 'AAAA', rpId: 'x', rp: { id: 'x' }, user: { id: 'AAAA' }, pubKeyCredParams: [] } }));
          await page.locator('[data-key] .primary').click();
          await page.locator('[data-key-problem] .problem').waitFor();
          await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
          await page.screenshot({ path: `/tmp/shots/${name}-problem-${kind}.png`, fullPage: true });
        }
      }
      await context.close();
      const without = await browser().newContext({ ...options, javaScriptEnabled: false });
      const page2 = await without.newPage();
      await page2.goto(server.url('key', lang));
      await page2.screenshot({ path: `/tmp/shots/key-nojs-${kind}.png`, fullPage: true });
      await without.close();
      const absent = await browser().newContext(options);
      const page3 = await absent.newPage();
      await page3.addInitScript('delete window.PublicKeyCredential');
      await page3.goto(server.url('key', lang));
      await page3.screenshot({ path: `/tmp/shots/key-absent-${kind}.png`, fullPage: true });
      await absent.close();
    }
    await server.stop();
  });
});
