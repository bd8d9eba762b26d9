import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { ensureBenchTools, ensureTestTools } from './tools.mjs';

/**
 * Everything a command needs: dependencies, programs for tests or benchmarks (if asked for), and `dist`. It is quick if
 * nothing is missing.
 */
export async function setUp({ forTests = false, forBench = false }) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.version}`);
  }
  await withLock(() => {
    ensureDependencies();
    if (forTests) ensureTestTools();
    if (forBench) ensureBenchTools();
    build();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp({ forTests: true });
