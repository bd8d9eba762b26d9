import { chromium } from 'playwright-core';
import { browserPath } from '../scripts/tools.mjs';
import { library, passportApp, routes, withSecondFactor } from './apps.mjs';
import { cookiesOf, listening, median, post } from './measure.mjs';
import { newSecret } from './totp.mjs';

/** A mid-range phone and "Slow 4G", as the DevTools of Chromium have them; bytes per second, and ms per request. */
const CPU = { rate: 4 };
const NETWORK = {
  offline: false,
  downloadThroughput: (1_600_000 / 8) * 0.9,
  uploadThroughput: (750_000 / 8) * 0.9,
  latency: 150 * 3.75,
};
const PHONE = { viewport: { width: 390, height: 844 } };

/**
 * ms until the step page shows something on a bad phone: with nothing of it in the cache, and after the login page, where
 * the browser has fetched its stylesheet while the password was typed.
 */
export async function firstPaint({ rounds = 9 } = {}) {
  const host = passportApp();
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts({ acceptLoss: true }),
    pending: library.memoryPending({ acceptLoss: true }),
  });
  await twoFactor.importFactor('ann', { type: 'totp', secret: newSecret(), label: 'app' });
  host.app.get('/login', (_req, res) => res.send('<!doctype html><title>Login</title><p>Login</p>'));
  const server = await listening(routes(host));
  const { port } = server.address();
  const url = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  const paints = { cold: [], afterLogin: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const way of ['cold', 'afterLogin']) {
        const cookies = cookiesOf(await post(port, '/login', { username: 'ann', password: 'x' }));
        paints[way].push(await paintOf(browser, url, cookies, way === 'afterLogin'));
      }
    }
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
  return { cold: median(paints.cold), afterLogin: median(paints.afterLogin) };
}

async function paintOf(browser, url, cookies, afterLogin) {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', NETWORK);
  await devtools.send('Emulation.setCPUThrottlingRate', CPU);
  if (afterLogin) await page.goto(`${url}/login`, { waitUntil: 'networkidle' });
  await context.addCookies(asCookies(cookies, url));
  await page.goto(`${url}/2fa`);
  const paint = await page.evaluate(contentfulPaint);
  await context.close();
  return paint;
}

/** Runs in the page. */
const contentfulPaint = () =>
  new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName('first-contentful-paint');
      if (paint) resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
  });

const asCookies = (cookies, url) =>
  cookies.split('; ').map((pair) => {
    const [name, ...value] = pair.split('=');
    return { name, value: value.join('='), url };
  });
