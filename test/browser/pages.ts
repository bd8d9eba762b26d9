import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createRenderer } from '../../lib/pages/render';
import { longTexts, rightToLeftTexts } from '../support/pseudo-locale';
import type { Sample } from '../support/view-samples';
import { serveViews, type ViewServer } from '../support/view-server';

/** Languages that stand for all: one 40 % longer than English, one that is read from right to left. */
export const LONG = 'de';
export const RIGHT_TO_LEFT = 'he';

export const PHONE = { width: 320, height: 640 };
export const LIGHT = { colorScheme: 'light', forcedColors: 'none' } as const;
export const DARK = { colorScheme: 'dark', forcedColors: 'none' } as const;
export const FORCED = { colorScheme: 'dark', forcedColors: 'active' } as const;

/** The pages in these states, in every language above. */
export const servePages = (samples: Readonly<Record<string, Sample>>): Promise<ViewServer> =>
  serveViews(
    createRenderer({
      appName: 'WebAdmin',
      locales: { [LONG]: longTexts, [RIGHT_TO_LEFT]: rightToLeftTexts },
    }),
    samples,
  );

/** A page of its own, with what `in-page.js` can tell of it. Fails with what scripts and the console complained of. */
export async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (said) => {
      // Chromium says this of a page that is a refusal as well.
      const isStatus = said.text().startsWith('Failed to load resource');
      if (said.type() === 'error' && !isStatus) complaints.push(said.text());
    });
    page.on('response', (response) => {
      const isPage = response.request().resourceType() === 'document';
      if (response.status() >= 400 && !isPage) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.addInitScript({ path: join(__dirname, '../support/in-page.js') });
    await work(page);
  } finally {
    await context.close();
  }
  expect(complaints).toEqual([]);
}
