import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const REPORTER = pathToFileURL(join(__dirname, 'reporter.mjs')).href;

/** Runs the reporter as jest does, in a process of its own, on results in jest's shape. */
function report(results: object, config: object = {}): string {
  const script = `
    const { default: Reporter } = await import(${JSON.stringify(REPORTER)});
    new Reporter(${JSON.stringify(config)}).onRunComplete(new Set(), ${JSON.stringify(results)});`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, TEST_COUNTS_FILE: '' },
  });
}

const results = {
  numPassedTests: 7,
  numFailedTests: 2,
  numPendingTests: 1,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 1,
  testResults: [
    { testResults: [{ status: 'passed', fullName: 'works' }] },
    {
      testResults: [
        { status: 'pending', fullName: 'pages (needs browser) open' },
        { status: 'todo', fullName: 'later' },
      ],
    },
  ],
};

describe('the closing line', () => {
  it('counts a file that could not be loaded as failed, and a test left for later as skipped', () => {
    expect(report(results).trim().split('\n').at(-1)).toBe('7 passed, 3 failed, 2 skipped');
  });

  it('comes after the names of the skipped tests', () => {
    expect(report(results)).toContain('skipped:\n  pages (needs browser) open\n  later\n');
  });

  it('names nothing when the user asked for some tests only', () => {
    const printed = report(results, { testNamePattern: 'works' });
    expect(printed.trim()).toBe('7 passed, 3 failed, 2 skipped');
  });
});
