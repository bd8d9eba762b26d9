import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

/** Installs what the lock file names, if it is not there already. The lock file itself is never rewritten. */
export function ensureDependencies() {
  if (areCurrent()) return;
  console.log('installing dependencies (npm ci)');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  run(command, [...first, ...args], { tries: 2 });
}

/**
 * npm writes `node_modules/.package-lock.json` when everything is in place, so without it there was no install, or half
 * of one. Contents are compared and not times, which a checkout sets arbitrarily.
 */
function areCurrent() {
  const installed = packagesIn(join('node_modules', '.package-lock.json'));
  const locked = packagesIn('package-lock.json');
  if (!installed || !locked) return false;
  return Object.entries(locked).every(([path, wanted]) => {
    const found = installed[path];
    // The root is not installed, nor are optional packages for other platforms.
    if (path === '' || (!found && wanted.optional)) return true;
    return found?.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
