import type { Page } from 'playwright-core';
import { useBrowser } from '../support/browser';
import { share } from '../support/exhaustive';
import { describeIf } from '../support/needs';
import { viewSamples, type Sample } from '../support/view-samples';
import type { ViewServer } from '../support/view-server';
import { DARK, FORCED, LIGHT, LONG, PHONE, RIGHT_TO_LEFT, servePages, withPage } from './pages';

const AXE = require.resolve('axe-core/axe.min.js');
// One browser for many pages, and the machine may have other work.
jest.setTimeout(240_000);

// The others find the same in every theme, at every width and in every direction, and axe takes its time.
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];
const RULES_OF_SPACE = [
  'target-size',
  'scrollable-region-focusable',
  'html-has-lang',
  'html-lang-valid',
  'valid-lang',
];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describeIf('browser', 'the pages in a browser', () => {
  const browser = useBrowser();
  let samples: Readonly<Record<string, Sample>>;
  let server: ViewServer;
  beforeAll(async () => {
    samples = await viewSamples();
    server = await servePages(samples);
  });
  afterAll(() => server.stop());

  /** Of each page its first state. */
  const isUsual = (name: string): boolean =>
    name === Object.keys(samples).find((other) => samples[other]?.view === samples[name]?.view);

  /** Runs `visit` on every page in every state, and gives what it found. */
  async function onEveryPage(
    page: Page,
    lang: string,
    visit: (name: string) => Promise<readonly string[]>,
  ): Promise<string[]> {
    const found: string[] = [];
    for (const name of share(Object.keys(samples), isUsual)) {
      await page.goto(server.url(name, lang));
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      for (const what of await visit(name)) found.push(`${name}: ${what}`);
    }
    expect(Object.keys(samples).length).toBeGreaterThan(40);
    return found;
  }

  /** What is wrong on a phone: what axe finds, and what does not fit. */
  async function onPhone(
    lang: string,
    axe: (page: Page) => Promise<string[]>,
  ): Promise<{ axe: string[]; layout: string[] }> {
    const faults: { axe: string[]; layout: string[] } = { axe: [], layout: [] };
    await withPage(browser(), { viewport: PHONE, reducedMotion: 'reduce' }, async (page) => {
      await page.addInitScript({ path: AXE });
      faults.layout = await onEveryPage(page, lang, async (name) => {
        const violations = await axe(page);
        faults.axe.push(...violations.map((what) => `${name}: ${what}`));
        return [
          ...(await page.evaluate<string[]>(`inPage.otherFaults('${lang}')`)),
          ...(await page.evaluate<string[]>("inPage.layoutFaults('')")),
          ...(await page.evaluate<string[]>("inPage.layoutFaults('200%')")),
        ];
      });
    });
    return faults;
  }

  async function inEveryTheme(page: Page): Promise<string[]> {
    await page.emulateMedia(LIGHT);
    const violations = await violationsOf(page, { type: 'tag', values: TAGS });
    for (const media of [DARK, FORCED]) {
      await page.emulateMedia(media);
      const ofColour = await violationsOf(page, { type: 'rule', values: RULES_OF_COLOUR });
      violations.push(...ofColour.map((what) => `${JSON.stringify(media)} ${what}`));
    }
    return violations;
  }

  /** Two tests ask for each, and opening the pages takes its time. */
  const asked = new Map<string, ReturnType<typeof onPhone>>();
  function visited(lang: string): ReturnType<typeof onPhone> {
    const visit =
      asked.get(lang) ??
      onPhone(lang, (page) =>
        lang === LONG ? inEveryTheme(page) : violationsOf(page, { type: 'rule', values: RULES_OF_SPACE }),
      );
    asked.set(lang, visit);
    return visit;
  }

  // In a long language, which is nothing to axe; the stories look at the main ones in English, and on a desk.
  it('have no accessibility violation, light, dark and in forced colours', async () => {
    expect((await visited(LONG)).axe).toEqual([]);
  });

  it('have none from right to left either', async () => {
    expect((await visited(RIGHT_TO_LEFT)).axe).toEqual([]);
  });

  it.each([
    ['in a language 40 % longer', LONG],
    ['from right to left', RIGHT_TO_LEFT],
  ])('fit on a phone %s, with text of twice the size too, and with room for a finger', async (_how, lang) => {
    expect((await visited(lang)).layout).toEqual([]);
  });
});

/** Needs axe in the page. */
function violationsOf(
  page: Page,
  rules: { type: 'tag' | 'rule'; values: readonly string[] },
): Promise<string[]> {
  return page.evaluate<string[]>(`inPage.violations(${JSON.stringify(rules)})`);
}
