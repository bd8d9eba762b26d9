import { findMongoServer, findTool } from './find-tool';

const HAVE = {
  /** A shared Redis, and redis-server to start others. */
  redis: () => Boolean(process.env.TEST_REDIS_URL) && findTool('redis-server') !== undefined,
  /** A shared MongoDB-protocol server. */
  mongo: () => Boolean(process.env.TEST_MONGODB_URI),
  /** A MongoDB-protocol server that a test may start, freeze and kill. */
  'mongo-server': () => findMongoServer() !== undefined,
  browser: () => Boolean(process.env.CHROMIUM_PATH),
  oathtool: () => findTool('oathtool') !== undefined,
  zbarimg: () => findTool('zbarimg') !== undefined,
};

/** What a test may need besides Node. */
export type Need = keyof typeof HAVE;

/**
 * `describe` for tests that need something of the machine. Where it is missing they are skipped, which the
 * closing line counts and names; with `CI=true` the run has failed before (test/support/global-setup.ts).
 */
export function describeIf(needs: Need | readonly Need[], name: string, tests: () => void): void {
  const missing = missingOf(typeof needs === 'string' ? [needs] : needs);
  if (missing.length === 0) describe(name, tests);
  else describe.skip(`${name} (needs ${missing.join(', ')})`, tests);
}

/** Those of the needs that this machine does not meet; of all, when none are named. */
export function missingOf(needs: readonly Need[] = Object.keys(HAVE) as Need[]): Need[] {
  return needs.filter((need) => !HAVE[need]());
}
