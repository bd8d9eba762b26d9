import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { prefill, viewSamples } from '../support/view-samples';
import type { ViewServer } from '../support/view-server';
import { LONG, RIGHT_TO_LEFT, servePages, withPage } from './pages';

jest.setTimeout(120_000);

describeIf(['browser', 'poppler'], 'the form of lost access, printed by the browser', () => {
  const browser = useBrowser();
  let folder: string;
  let server: ViewServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'printed-'));
    server = await servePages(await viewSamples());
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['en', LONG, RIGHT_TO_LEFT])(
    'check 61: is two pages of any paper, each with the reference: %s',
    async (lang) => {
      await withPage(browser(), { colorScheme: 'dark', javaScriptEnabled: false }, async (page) => {
        await page.goto(server.url('lost-form-filled', lang));
        for (const format of ['A4', 'Letter'] as const) {
          const file = join(folder, 'form.pdf');
          writeFileSync(file, await page.pdf({ format }));
          const pages = execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1);
          expect(pages.map((words) => words.includes(prefill.reference))).toEqual([true, true]);
        }
      });
    },
  );

  it('keeps what is typed to itself', async () => {
    await withPage(browser(), {}, async (page) => {
      await page.goto(server.url('lost-form'));
      await page.locator('#name').fill('Anna Nováková');
      await page.locator('#name').press('Enter');
      await page.locator('#lost-totp').check();
      expect(page.url()).toBe(server.url('lost-form'));
      expect(server.posts).toEqual([]);
      expect(await page.locator('form, input[name]').count()).toBe(0);
    });
  });
});
