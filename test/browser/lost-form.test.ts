import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogue } from '../../lib/pages/catalogue';
import { qrSvg } from '../../lib/pages/qr';
import { contentIn } from '../../lib/recovery/form';
import { useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { longTexts, rightToLeftTexts } from '../support/pseudo-locale';
import { lostForm, prefill, type Sample, viewSamples } from '../support/view-samples';
import type { ViewServer } from '../support/view-server';
import { LONG, RIGHT_TO_LEFT, servePages, withPage } from './pages';

jest.setTimeout(120_000);

const PAPERS = ['a4', 'letter'] as const;
const LANGUAGES = ['en', 'cs', LONG, RIGHT_TO_LEFT];

/** The form in each language for each paper, for an account with the longest of domains. */
async function forms(): Promise<Record<string, Sample>> {
  const { text } = createCatalogue({ [LONG]: longTexts, [RIGHT_TO_LEFT]: rightToLeftTexts });
  const account = `a•••@${'x'.repeat(60)}.${'subdomain.'.repeat(18)}example`;
  const waits = { short: 3, long: 7 };
  const about = { text, appName: 'WebAdmin', form: lostForm, waits, prefill: { ...prefill, account } };
  const qr = await qrSvg(prefill.statusUrl, 'QR code');
  const named: Record<string, Sample> = {};
  for (const lang of LANGUAGES)
    for (const paper of PAPERS) {
      const data = { paper, backUrl: '/2fa/lost', content: contentIn(lang, about), qr };
      named[`form-${lang}-${paper}`] = { view: 'lost-form', data, signedIn: false };
    }
  return named;
}

describeIf(['browser', 'poppler'], 'the form of lost access, printed by the browser', () => {
  const browser = useBrowser();
  let folder: string;
  let server: ViewServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'printed-'));
    server = await servePages({ ...(await viewSamples()), ...(await forms()) });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(LANGUAGES)(
    'check 61: is two pages of either paper, each with the reference, in %s',
    async (lang) => {
      await withPage(browser(), { colorScheme: 'dark', javaScriptEnabled: false }, async (page) => {
        for (const paper of PAPERS) {
          await page.goto(server.url(`form-${lang}-${paper}`, lang));
          const file = join(folder, 'form.pdf');
          writeFileSync(file, await page.pdf({ preferCSSPageSize: true }));
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
