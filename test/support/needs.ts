import { findBrowser, findMongoServer, findTool } from './find-tool';

const HAVE = {
  /** A shared Redis, and redis-server to start others. */
  redis: () => Boolean(process.env.TEST_REDIS_URL) && findTool('redis-server') !== undefined,
  /** A shared MongoDB-protocol server. */
  mongo: () => Boolean(process.env.TEST_MONGODB_URI),
  /** A MongoDB-protocol server that a test may start, freeze and kill. */
  'mongo-server': () => findMongoServer() !== undefined,
  browser: () => findBrowser() !== undefined,
  oathtool: () => findTool('oathtool') !== undefined,
  zbarimg: () => findTool('zbarimg') !== undefined,
  /** pdftotext, pdftoppm and others. */
  poppler: () => findTool('pdftotext') !== undefined,
  /** Makes the certificates with which pdfsig signs. */
  certutil: () => findTool('certutil') !== undefined,
  mutool: () => findTool('mutool') !== undefined,
};

/** What a test may need besides Node. */
export type Need = keyof typeof HAVE;

/**
 * `describe` for tests that need something from the machine. If it is missing they are skipped, and counted and named
 * at the end; with `CI=true` the file fails.
 */
export function describeIf(needs: Need | readonly Need[], name: string, tests: () => void): void {
  const missing = [needs].flat().filter((need) => !HAVE[need]());
  if (missing.length === 0) return describe(name, tests);
  if (process.env.CI === 'true')
    throw new Error(`with CI=true nothing may be missing, and this is: ${missing.join(', ')}`);
  describe.skip(`${name} (needs ${missing.join(', ')})`, tests);
}
