import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildWebAdmin } from './web-admin';

const root = resolve(__dirname, '../..');
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeAll(buildWebAdmin, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(process.env.TEST_DIR ?? tmpdir(), 'path-'));
  symlinkSync(process.execPath, join(folder, 'node'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run bench` with nothing on the PATH but the folder. */
const bench = () =>
  spawnSync(process.execPath, ['bench/run.mjs'], {
    cwd: root,
    env: { PATH: folder, HOME: folder },
    encoding: 'utf8',
    timeout: 60_000,
  });

describe('npm run bench on a machine without Redis', () => {
  it('says what to install, as npm test does, and shows no stack', () => {
    const { status, stdout, stderr } = bench();
    expect(status).toBe(1);
    expect(stderr).toContain('To run them: apt-get install redis-server');
    expect(stdout + stderr).not.toMatch(/^\s+at |node:internal/m);
  });

  it('installs it as npm test does', () => {
    const log = join(folder, 'log');
    writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\necho "$@" >> ${log}\n`);
    chmodSync(join(folder, 'apt-get'), 0o755);
    const { stderr } = bench();
    const asked = existsSync(log) ? readFileSync(log, 'utf8') : '';
    expect(/ install --yes --no-install-recommends redis-server chromium$/m.test(asked)).toBe(isRoot);
    // This one installed nothing.
    expect(stderr).toContain('To run them: apt-get install redis-server');
  });
});
