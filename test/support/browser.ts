import { chromium, type Browser, type Page } from 'playwright-core';
import { noteExchange } from './exchanges';
import { findBrowser } from './find-tool';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * One Chromium for the test file that calls this at the top of a `describe`: started before its tests and closed after
 * them. Use a new context for each test, and `http://localhost`, never an IP address.
 */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executable(), headless: true, args: ARGS });
    noteVisits(browser);
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => {
    if (browser === undefined) throw new Error('the browser runs only while tests do');
    return browser;
  };
}

/** Which pages were opened, for the report of a test that fails. */
function noteVisits(browser: Browser): void {
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.on('response', (response) => {
      const asked = response.request();
      if (!['document', 'fetch', 'xhr'].includes(asked.resourceType())) return;
      const { location } = response.headers();
      noteExchange({
        method: asked.method(),
        url: response.url(),
        sent: asked.postData(),
        status: response.status(),
        location,
        text: '',
      });
    });
    return context;
  };
}

/**
 * The page's clock only advances when told to, so that the rest of a wait doesn't depend on how busy the machine is.
 */
export async function stopClock(page: Page, at = Date.UTC(2001, 0, 1)): Promise<void> {
  await page.clock.install({ time: at });
  await page.clock.pauseAt(at + 1000);
}

function executable(): string {
  const path = findBrowser();
  if (path === undefined)
    throw new Error("there is no browser: is this test inside describeIf('browser', …)?");
  return path;
}
