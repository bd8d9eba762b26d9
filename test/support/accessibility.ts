import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Gives axe to each page that is loaded from now on: to be sent it takes a page longer than to be looked at. */
export const bringAxe = (page: Page): Promise<unknown> => page.addInitScript({ content: axe });

/**
 * What axe finds on the page as displayed, each with where; an empty list is what we want.
 *
 * @param rules only these, instead of all of WCAG 2.2 AA and best practice
 */
export async function accessibilityProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  // With evaluate: the page's policy refuses a script element, and must not be loosened for a test.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags };
  return page.evaluate<string[]>(
    `axe.run({ runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
  );
}
