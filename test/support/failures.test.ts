import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onOneScreen } from './exchanges';

const ROOT = join(__dirname, '../..');
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');
const { projects } = jest.requireActual<{ projects: { displayName: string }[] }>('../../jest.config.js');

/** The reports that Jest prints of tests that fail on purpose, by name. */
function reportsOf(fixture: string): Map<string, string> {
  const config = {
    ...projects.find(({ displayName }) => displayName === 'app'),
    rootDir: ROOT,
    testMatch: [join(__dirname, fixture)],
  };
  const { stderr } = spawnSync(process.execPath, [JEST, '-w', '1', '--config', JSON.stringify(config)], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', TEST_WHOLE: '' },
    timeout: 60_000,
  });
  const [, ...reports] = stderr.split(/^ *● /m);
  return new Map(reports.map((report) => [report.slice(0, report.indexOf('\n')).trim(), report] as const));
}

describe('The report of a failed test', () => {
  const reports = reportsOf('failing.fixture.ts');

  it('says what was asked, with what, and what came', () => {
    const report = reports.get('is answered otherwise than it expects');
    expect(report).toContain('expected 200 "OK", got 403 "Forbidden"');
    expect(report).toContain('POST /code {"code":"000000"}\n        403 {"error":{"code":"wrong_code"}}');
    expect(report).toContain('failing.fixture.ts:');
  });

  it('gives the words of a page and not its markup', () => {
    const report = reports.get('is answered otherwise than it expects');
    expect(report).toContain('GET /page\n        200 Rows row 0 row 1');
    expect(report).not.toMatch(/<li|color: red/);
  });

  it('fits on a screen, however long the page that was looked at', () => {
    const report = reports.get('finds no word on a long page') ?? '';
    expect(report).toContain('no such row');
    expect(report).toContain('GET /page');
    expect(report.split('\n').length).toBeLessThan(70);
  });

  it('is left as it is where nothing was asked and little is said', () => {
    const stack = 'Error: no\n    at here (a.ts:1:2)';
    expect(onOneScreen(stack, [])).toBe(stack);
  });
});
