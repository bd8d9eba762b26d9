import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { root, run } from './run.mjs';

const DIST = join(root, 'dist');
const STAMP = '.built-from';
const SOURCES = ['lib', 'strategies', 'example-app', 'views'];
const SETTINGS = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
];

/** Makes `dist`, unless it was made from exactly these sources. Processes that run from it are not disturbed. */
export function build() {
  const wanted = fingerprint();
  if (isBuiltFrom(wanted)) return;
  console.log('building dist');
  removeLeftovers();
  // Built next to it and then moved into place, so that nobody ever sees half of it.
  const fresh = join(root, `.dist-${process.pid}`);
  try {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    // More than two checkers would work out the same types once more each.
    const options = ['-p', 'tsconfig.build.json', '--outDir', fresh, '--checkers', '2'];
    run(tsc, options);
    // Again without comments: editors show those in the declarations, and in the code they are a tenth of the package.
    run(tsc, [...options, '--declaration', 'false', '--removeComments', '--noCheck']);
    removeInnerDeclarations(fresh);
    for (const folder of SOURCES) copyAssets(folder, fresh);
    bundleForBrowsers(join(fresh, 'views'));
    writeFileSync(join(fresh, STAMP), wanted);
    if (existsSync(DIST)) renameSync(DIST, `${fresh}-old`);
    renameSync(fresh, DIST);
  } finally {
    removeLeftovers();
  }
}

/** Most declarations are of what no entry point leads to, which nobody can import: an eighth of the package. */
function removeInnerDeclarations(fresh) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).flatMap(({ types }) => types ?? []);
  const reached = new Set(entries.map((path) => join(fresh, path.replace('./dist/', ''))));
  // A set that grows while it is gone through is gone through to its end.
  for (const file of reached) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/["'](\.{1,2}\/[^"']+)["']/g)) {
      const next = join(dirname(file), `${path}.d.ts`);
      if (existsSync(next)) reached.add(next);
    }
  }
  for (const folder of ['lib', 'strategies']) {
    for (const name of readdirSync(join(fresh, folder), { recursive: true })) {
      const file = join(fresh, folder, name);
      if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
    }
  }
}

/** Templates, texts, the example app's files: everything the compiler does not copy. */
function copyAssets(folder, fresh) {
  const others = /\.(?:ts|md)$|\bviews\/(?:[\w-]+\.(?:css|js)|package\.json)$/;
  const isAsset = (path) => !others.test(path);
  cpSync(join(root, folder), join(fresh, folder), { recursive: true, filter: isAsset });
}

/**
 * What pages load, each file in one piece and minified: on a bad phone every request and every kilobyte is felt. The
 * sources work in a browser as they are, which tests rely on.
 */
function bundleForBrowsers(views) {
  const files = [
    'style.css',
    'security.css',
    'form.css',
    'script.js',
    'keys.js',
    'security.js',
    'passkey.js',
  ];
  const sources = files.map((file) => join(root, 'views', file));
  const options = ['--bundle', '--minify', '--format=esm', '--log-level=warning', `--outdir=${views}`];
  run(join(root, 'node_modules', '.bin', 'esbuild'), [...sources, ...options]);
}

function isBuiltFrom(wanted) {
  try {
    return readFileSync(join(DIST, STAMP), 'utf8') === wanted;
  } catch {
    return false;
  }
}

function removeLeftovers() {
  for (const name of readdirSync(root)) {
    if (name.startsWith('.dist-')) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function fingerprint() {
  const digest = createHash('sha256');
  for (const file of [...SETTINGS, ...SOURCES.flatMap(filesIn)]) {
    digest.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return digest.digest('hex');
}

function filesIn(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).toSorted();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await withLock(() => {
    ensureDependencies();
    build();
  });
}
