import type { Page } from 'playwright-core';
import { accessibilityProblems } from '../support/accessibility';
import { DARK, FORCED, LIGHT } from './pages';

// axe finds the same in every theme and in both directions, except for these; and it takes its time.
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];
const RULES_OF_SPACE = ['target-size', 'scrollable-region-focusable'];

/**
 * What is wrong with a page, loaded once: accessibility in light, dark and forced colours, the policy, the language, and
 * whether everything fits with text at 200 %, from left to right and from right to left. The page is `withPage`'s.
 */
export async function faultsOf(page: Page, lang: string): Promise<string[]> {
  const faults: string[] = [];
  const note = (where: string, found: readonly string[]) =>
    void faults.push(...found.map((what) => `${where}: ${what}`));
  const look = async (where: string, code: string) => note(where, await page.evaluate<string[]>(code));

  await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
  for (const [theme, media] of Object.entries({ dark: DARK, forced: FORCED })) {
    await page.emulateMedia(media);
    note(theme, await accessibilityProblems(page, RULES_OF_COLOUR));
  }
  await page.emulateMedia(LIGHT);
  note('light', await accessibilityProblems(page));
  await look('page', `inPage.otherFaults('${lang}')`);
  await look('fits', "inPage.layoutFaults('')");
  await look('fits at 200 %', "inPage.layoutFaults('200%')");
  await page.evaluate('inPage.mirror()');
  note('mirrored', await accessibilityProblems(page, RULES_OF_SPACE));
  await look('fits mirrored', "inPage.layoutFaults('')");
  await look('fits mirrored at 200 %', "inPage.layoutFaults('200%')");
  return faults;
}
