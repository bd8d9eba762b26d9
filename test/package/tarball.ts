import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linksOf } from '../docs/links';
import { root, type Packed } from './pack';

export const tarball = (packedOnce: () => Packed): void =>
  describe('The tarball', () => {
    let packed: Packed;
    beforeAll(() => {
      packed = packedOnce();
    });

    it('holds what is needed to run, the documentation, and nothing else', () => {
      const allowed = [
        /^dist\/(?:lib|strategies)\/[\w/-]+\.(?:js|d\.ts)$/,
        /^dist\/views\/[\w/-]+\.(?:ejs|css|js)$/,
        /^dist\/views\/locales\/\w+\.json$/,
        /^dist\/lib\/recovery\/fonts\/(?:NotoSans-(?:Bold|Regular)\.ttf|OFL\.txt)$/,
        /^docs\/(?:decisions\/)?[\w-]+\.md$/,
        /^(?:README|CHANGELOG|SECURITY)\.md$/,
        /^(?:LICENSE|package\.json)$/,
      ];
      expect(packed.files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
      for (const file of [
        'dist/lib/index.js',
        'dist/lib/mongo.d.ts',
        'dist/views/step.ejs',
        'docs/error-codes.md',
        'LICENSE',
      ])
        expect(packed.files).toContain(file);
    });

    it('has the declarations that its entry points lead to, and no others', () => {
      const paths = /["'](\.{1,2}\/[^"']+)["']/g;
      const declarations = packed.files.filter((file) => file.endsWith('.d.ts'));
      const ledTo = declarations.flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(paths)].map(
          ([, path = '']) => `${join(dirname(file), path)}.d.ts`,
        ),
      );
      const isEntry = (file: string): boolean => /^dist\/lib\/\w+\.d\.ts$/.test(file);
      expect(ledTo.length).toBeGreaterThan(50);
      expect(declarations.filter((file) => !isEntry(file) && !ledTo.includes(file))).toEqual([]);
      expect(ledTo.filter((file) => !declarations.includes(file))).toEqual([]);
    });

    it('is small, fonts and all', () => {
      const fonts = 97_000;
      expect(statSync(packed.tarball).size).toBeLessThan(650_000 + fonts);
    });

    it('has every file that a link of its pages leads to, but for the pictures, which stay in the repository', () => {
      const isPicture = (file: string): boolean => file.startsWith('docs/images/');
      const missing = packed.files
        .filter((file) => file.endsWith('.md'))
        .flatMap((page) => linksOf(page).filter(({ file }) => file !== null && !packed.files.includes(file)));
      expect(missing.filter(({ file }) => !isPicture(file ?? ''))).toEqual([]);
      expect(missing.length).toBeGreaterThan(0);
      expect(packed.files.filter(isPicture)).toEqual([]);
    });

    it('is clean for publint', () => {
      expect(check('publint', ['run', packed.tarball, '--strict'])).toContain('All good!');
    });

    it('has the right types in every resolution, says attw', () => {
      expect(check('attw', [packed.tarball, '--format', 'ascii', '--no-color'])).toContain(
        'No problems found',
      );
    });

    /** A check that fails throws with what it printed. */
    function check(tool: string, args: readonly string[]): string {
      const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
      const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
        cwd: dirname(packed.tarball),
        encoding: 'utf8',
        env,
        timeout: 120_000,
      });
      if (status !== 0) throw new Error(`${tool}:\n${stdout}${stderr}`);
      return stdout + stderr;
    }
  });
