import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './within';

/** Loads on-death.ts into a bare Node process, which then waits to be killed. */
const CHILD = `
  const { code } = require('@swc/core').transformFileSync(process.argv[1], {
    jsc: { parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const loaded = {};
  new Function('require', 'exports', code)(require, loaded);
  const [, , dismissed, done] = process.argv;
  loaded.onDeath('touch "$1"', dismissed)();
  loaded.onDeath('touch "$1"', done);
  console.log('ready');
  setTimeout(() => {}, 60_000);
`;

describe('onDeath', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'on-death-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'runs its script after %s, unless dismissed',
    async (signal) => {
      const [done, dismissed] = [join(dir, 'done'), join(dir, 'dismissed')];
      const child = spawn(process.execPath, ['-e', CHILD, join(__dirname, 'on-death.ts'), dismissed, done]);
      await once(child.stdout, 'data');
      expect(existsSync(done)).toBe(false);
      child.kill(signal);
      await until(5_000, 'the script to have run', () => existsSync(done));
      expect(existsSync(dismissed)).toBe(false);
    },
  );
});
