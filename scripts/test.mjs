import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passSignals, startNode } from './child.mjs';
import { setUp } from './setup.mjs';

/** How long jest may take to end once all tests have run, and once it was told to stop. */
const TAIL = 30_000;

/**
 * For Jest and its workers (which inherit them). What a test makes is garbage soon after it: with V8's usual 16 MB most
 * collections come while it is still in use, and copy it. There are more workers than cores, so none needs helpers.
 */
const V8_FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64', '--no-parallel-scavenge'];

/** What runs unless files or projects are named: everything but `exhaustive` (jest.config.js). */
const USUAL = ['unit', 'app', 'servers', 'browser'];
const saysWhat = (args) => args.some((arg) => !arg.startsWith('-') || arg.startsWith('--selectProjects'));

const dir = mkdtempSync(join(tmpdir(), 'second-factor-counts-'));
const file = join(dir, 'counts.json');
try {
  process.exitCode = await main();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function main() {
  try {
    await setUp({ forTests: true });
  } catch (error) {
    return close(1, `the set-up failed, no test was run: ${error.message}`);
  }
  const args = process.argv.slice(2);
  const { code, trouble } = await runJest(saysWhat(args) ? args : [...args, '--selectProjects', ...USUAL]);
  return close(code, trouble);
}

/** Jest and the servers that it starts (test/support/shared-servers.ts), with a time limit. */
async function runJest(args) {
  const { child, ended } = startNode([...V8_FLAGS, 'node_modules/jest/bin/jest.js', ...args], {
    env: { TEST_COUNTS_FILE: file },
  });
  let trouble;
  const endBy = (limit, why) =>
    setTimeout(() => {
      trouble ??= why;
      child.kill('SIGKILL');
    }, limit).unref();

  passSignals(child, (signal) => {
    trouble ??= `ended by ${signal}`;
    endBy(TAIL / 3, 'did not end when told to');
  });
  // `--forceExit` would end a run whose tests leave something open as if all was well.
  const watch = setInterval(() => {
    if (!existsSync(file) || args.some((arg) => arg.startsWith('--watch'))) return;
    clearInterval(watch);
    endBy(TAIL, 'a test left something open that keeps the process alive: find it with --detectOpenHandles');
  }, 500);
  const code = await ended;
  clearInterval(watch);
  return { code, trouble };
}

/** Prints the closing line. A run that fails in a way that no test shows counts as one failed test. */
function close(code, trouble) {
  const counts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0 };
  const wrong = code !== 0 || trouble !== undefined;
  const failed = wrong ? Math.max(1, counts.failed) : counts.failed;
  if (trouble) console.log(`\n${trouble}`);
  console.log(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  return failed > 0 ? 1 : 0;
}
