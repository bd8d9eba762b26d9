import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './run.mjs';
import { setUp } from './setup.mjs';
import { browserPath } from './tools.mjs';

/** Takes the README's pictures: the example app, as a browser shows it. `npm run screenshots` */

const FOLDER = join(root, 'docs', 'images');
const SIZE = { width: 430, height: 640 };
/** Wide enough for the app's side menu. */
const WIDE = { width: 840, height: 480 };
const PASSWORD = 'correct horse battery staple';
const MOST_BYTES = 200_000;

await setUp({ forTests: true });
mkdirSync(FOLDER, { recursive: true });
const app = await startApp();
const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
try {
  let bytes = 0;
  for (const [scheme, name] of [
    ['light', 'demo'],
    ['dark', 'admin'],
  ]) {
    bytes += await takePictures(scheme, name);
  }
  if (bytes > MOST_BYTES) throw new Error(`the pictures are ${bytes} bytes, more than ${MOST_BYTES}`);
  console.log(`${bytes} bytes in ${FOLDER}`);
} finally {
  await browser.close();
  app.stop();
}

/** The story of one user: sets up an app, saves the codes, signs in again. */
async function takePictures(colorScheme, name) {
  const context = await browser.newContext({ colorScheme, viewport: SIZE, deviceScaleFactor: 1.4 });
  const page = await context.newPage();
  let bytes = 0;
  const picture = async (what) => {
    const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    const packed = await asWebp(taken);
    writeFileSync(join(FOLDER, `${what}-${colorScheme}.webp`), packed);
    bytes += packed.length;
  };

  await signIn(page, name);
  await page.goto(`${app.url}/2fa/security/totp`);
  await picture('enrol');
  const address = new URL(await page.locator('a[href^="otpauth:"]').getAttribute('href'));
  const secret = fromBase32(address.searchParams.get('secret'));
  await page.locator('[name=code]').fill(codeOf(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.waitForURL('**/backup-codes');
  const code = (await page.locator('#codes li').first().textContent()).trim();
  await page.locator('[name=code]').fill(code);
  await page.getByRole('button', { name: 'Turn on two-factor authentication' }).click();
  await page.waitForURL('**/security');
  await page.goto(`${app.url}/2fa/security`);
  await picture('security');
  await page.setViewportSize(WIDE);
  await picture('brand');
  await page.setViewportSize(SIZE);
  await context.clearCookies();
  await signIn(page, name);
  await page.waitForURL('**/2fa');
  await picture('step');
  await context.close();
  return bytes;
}

/** A third of the size: the pictures are in the package, from which its page on the registry loads them. */
async function asWebp(png) {
  const page = await browser.newPage();
  const packed = await page.evaluate(async (base64) => {
    const taken = await fetch(`data:image/png;base64,${base64}`);
    const bitmap = await createImageBitmap(await taken.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.2 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, png.toString('base64'));
  await page.close();
  return Buffer.from(packed);
}

async function signIn(page, name) {
  await page.goto(`${app.url}/login`);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
}

async function startApp() {
  const port = await freePort();
  const key = randomBytes(32).toString('hex');
  const env = { ...process.env, PORT: String(port), TWO_FACTOR_KEY: key, NEW_BROWSER: 'notice' };
  for (const name of ['MONGODB_URI', 'REDIS_URL', 'ORIGIN']) delete env[name];
  const child = spawn(process.execPath, [join(root, 'dist/example-app/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    let printed = '';
    child.once('exit', () => reject(new Error('the example app did not start')));
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('WebAdmin is ready')) resolve();
    });
  });
  return { url: `http://localhost:${port}`, stop: () => child.kill() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function fromBase32(text) {
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

/** RFC 6238 */
function codeOf(secret) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const value = digest.readUInt32BE(digest[19] & 15) & 0x7f_ff_ff_ff;
  return String(value % 1_000_000).padStart(6, '0');
}
