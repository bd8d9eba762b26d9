import type { Browser, BrowserContext, Page } from 'playwright-core';
import { demoPassword, type WebAdmin } from './web-admin';

/** People who visit the example app in a browser. */
export interface DemoVisits {
  open(javaScriptEnabled: boolean): Promise<{ page: Page; context: BrowserContext }>;
  signIn(page: Page, name: string): Promise<void>;
  signOut(page: Page): Promise<void>;
  /** Only if the variable SCREENSHOTS names a folder. */
  shot(page: Page, name: string): Promise<void>;
}

/** @param violations collects violations of the content security policy, and script errors */
export function demoVisits(
  browser: () => Browser,
  app: () => Pick<WebAdmin, 'url'>,
  violations: string[],
): DemoVisits {
  return {
    open: async (javaScriptEnabled) => {
      const context = await browser().newContext({
        javaScriptEnabled,
        viewport: { width: 900, height: 900 },
      });
      context.setDefaultTimeout(6_000);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
      });
      page.on('pageerror', (error) => violations.push(error.message));
      return { page, context };
    },
    signIn: async (page, name) => {
      await page.goto(`${app().url}/login`);
      await page.getByLabel('User name').fill(name);
      await page.getByLabel('Password').fill(demoPassword);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    },
    signOut: async (page) => {
      await page.goto(`${app().url}/account`);
      await page.locator('summary').first().click();
      await page.getByRole('button', { name: 'Sign out' }).click();
    },
    shot: async (page, name) => {
      const folder = process.env.SCREENSHOTS;
      if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
    },
  };
}
