import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './run.mjs';
import { setUp } from './setup.mjs';
import { browserPath } from './tools.mjs';

/** Takes the pictures of the README and the docs: the example app, as a browser shows it. `npm run screenshots` */

const FOLDER = join(root, 'docs', 'images');
const DESK = { width: 1000, height: 640 };
const PHONE = { width: 390, height: 780 };
const NAME = 'demo';
const PASSWORD = 'correct horse battery staple';
const MOST_BYTES = 400_000;

await setUp({ forTests: true });
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const app = await startApp();
const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
try {
  const bytes = await takePictures();
  if (bytes > MOST_BYTES) throw new Error(`the pictures are ${bytes} bytes, more than ${MOST_BYTES}`);
  console.log(`${bytes} bytes in ${FOLDER}`);
} finally {
  await browser.close();
  app.stop();
}

/** The story of one user, who sets up one of each kind and signs in again; whole pages, each in light and dark. */
async function takePictures() {
  const context = await browser.newContext({ viewport: DESK, deviceScaleFactor: 1.25 });
  const page = await context.newPage();
  let bytes = 0;
  const picture = async (what) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const taken = await page.screenshot({ animations: 'disabled', caret: 'hide', fullPage: true });
      const packed = await asWebp(taken);
      writeFileSync(join(FOLDER, `${what}-${colorScheme}.webp`), packed);
      bytes += packed.length;
    }
  };
  const open = (path) => page.goto(`${app.url}${path}`);
  const confirm = async (code) => {
    await page.locator('#code').fill(code);
    await page.locator('#code').press('Enter');
    await page
      .getByRole('heading', { level: 1, name: /^(?:Security and login|Save your backup codes)$/ })
      .waitFor();
  };

  await signIn(page);
  await page.locator('.wa-bar summary').click();
  await picture('dashboard');

  await page.setViewportSize(PHONE);
  await open('/2fa/security/totp');
  await picture('phone');
  await page.setViewportSize(DESK);
  const address = new URL(await page.locator('a[href^="otpauth:"]').getAttribute('href'));
  await confirm(codeOf(fromBase32(address.searchParams.get('secret'))));
  await picture('codes');
  await confirm((await page.locator('#codes li').first().textContent()).trim());

  const key = await addKey(page);
  await open('/2fa/security/webauthn');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Security and login' }).waitFor();
  for (const [kind, to] of [
    ['otp-sms', '+420 777 123 489'],
    ['otp-email', 'demo@mail.example'],
  ]) {
    await open(`/2fa/security/${kind}`);
    await page.locator('#address').fill(to);
    await page.locator('#address').press('Enter');
    await page.getByText('We sent a code to').waitFor();
    const [{ text }] = await (await fetch(`${app.url}/outbox.json`)).json();
    await confirm(/(?<![\w-])\d{6}(?![\w-])/.exec(text)[0]);
  }
  await open('/2fa/security');
  await picture('security');

  // Otherwise the login page signs in by it.
  await key.remove();
  await context.clearCookies();
  await signIn(page);
  await open('/2fa/totp');
  await picture('step');
  await context.close();
  return bytes;
}

/** A key that is part of the browser, and touches itself. */
async function addKey(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  return { remove: () => devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }) };
}

/** A third of the size. */
async function asWebp(png) {
  const page = await browser.newPage();
  const packed = await page.evaluate(async (base64) => {
    const taken = await fetch(`data:image/png;base64,${base64}`);
    const bitmap = await createImageBitmap(await taken.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.4 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, png.toString('base64'));
  await page.close();
  return Buffer.from(packed);
}

async function signIn(page) {
  await page.goto(`${app.url}/login`);
  await page.getByLabel('User name').fill(NAME);
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
