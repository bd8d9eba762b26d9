import { canMakeVenv, ensureMongoServer } from './mongo-server.mjs';
import { ask, isOnPath, run } from './run.mjs';

/** The Debian package of each program that tests and benchmarks need, and whether it is there. */
const TOOLS = [
  { package: 'redis-server', isThere: () => isOnPath('redis-server') && isOnPath('redis-cli') },
  { package: 'chromium', isThere: hasBrowser },
  { package: 'python3-venv', isThere: () => isOnPath('mongod') || canMakeVenv() },
  { package: 'oathtool', isThere: () => isOnPath('oathtool') },
  { package: 'zbar-tools', isThere: () => isOnPath('zbarimg') },
  { package: 'poppler-utils', isThere: () => isOnPath('pdftotext') },
  { package: 'libnss3-tools', isThere: () => isOnPath('certutil') },
  { package: 'mupdf-tools', isThere: () => isOnPath('mutool') },
];

/** A Chromium without windows: a page takes it a fifth of the CPU. */
const QUICK_BROWSER = 'chromium-headless-shell';
const BROWSERS = [QUICK_BROWSER, 'chromium', 'chromium-browser', 'google-chrome'];

/**
 * Finds the programs that tests need besides Node, and installs missing ones where that is possible (Debian, as root).
 * Elsewhere one line says what to install, and the tests that need it are skipped.
 */
export function ensureTestTools() {
  const missing = installed(TOOLS.map((tool) => tool.package));
  if (missing.length > 0) {
    console.log(`\nMissing for some tests, which are skipped. To run them: ${toInstall(missing)}\n`);
  }
  if (canInstall() && !process.env.CHROMIUM_PATH && !isOnPath(QUICK_BROWSER))
    attempt(() => installPackages([QUICK_BROWSER], { tries: 1, minutes: 3 }));
  if (!missing.includes('python3-venv')) attempt(ensureMongoServer);
}

/** The same for the benchmarks, which can't do without them. */
export function ensureBenchTools() {
  const ownMongo = process.env.MONGODB_URI ? [] : ['python3-venv'];
  const missing = installed(['redis-server', 'chromium', ...ownMongo]);
  if (missing.length > 0) throw new Error(`Missing for the benchmarks. To run them: ${toInstall(missing)}`);
  if (ownMongo.length > 0) ensureMongoServer();
}

/** Installs what it can of these packages, and names those that are still missing. */
function installed(wanted) {
  const missing = missingOf(wanted);
  if (missing.length > 0 && canInstall()) attempt(() => installPackages(missing, { tries: 3 }));
  return missingOf(wanted);
}

const canInstall = () => process.getuid?.() === 0 && isOnPath('apt-get');

const missingOf = (wanted) =>
  TOOLS.filter((tool) => wanted.includes(tool.package) && !tool.isThere()).map((tool) => tool.package);

const toInstall = (missing) => `apt-get install ${missing.join(' ')}`;

function hasBrowser() {
  return Boolean(process.env.CHROMIUM_PATH) || BROWSERS.some(isOnPath);
}

/** The browser for benchmarks and pictures: `CHROMIUM_PATH`, else the first of these on the PATH. */
export function browserPath() {
  const name = BROWSERS.find(isOnPath);
  const found = process.env.CHROMIUM_PATH ?? (name && ask('which', [name]));
  if (!found) throw new Error('a Chromium is needed: set CHROMIUM_PATH');
  return found;
}

function installPackages(missing, limits) {
  console.log(`installing ${missing.join(' ')} (apt-get)`);
  const options = [
    '-qq',
    '-o',
    `Acquire::Retries=${limits.tries}`,
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Use-Pty=0',
  ];
  const settings = { ...limits, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  run('apt-get', [...options, 'update'], settings);
  run('apt-get', [...options, 'install', '--yes', '--no-install-recommends', ...missing], settings);
}

/**
 * What can't be installed is not a failure here: its tests are skipped, and with CI=true test/support/needs.ts fails.
 */
function attempt(work) {
  try {
    work();
  } catch (error) {
    console.log(`\nnot installed: ${error.message}\n`);
  }
}
