import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { ensureTestTools } from './test-tools.mjs';

/** Everything a command needs: dependencies, what tests run (if asked for), and `dist`. Done already, it is quick. */
export async function setUp({ forTests }) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.version}`);
  }
  await withLock(() => {
    ensureDependencies();
    if (forTests) ensureTestTools();
    build();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp({ forTests: true });
