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

/** A page of its own that remembers what the Content-Security-Policy refused. */
export async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.addInitScript({ path: join(__dirname, '../support/in-page.js') });
    await work(page);
  } finally {
    await context.close();
  }
}
