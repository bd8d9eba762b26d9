import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';
import { ambient, besides } from './ambient';
import { root } from './pages';
import { snippets, type Snippet } from './snippets';

const strict: Snippet[] = snippets.filter(({ lang, code }) => lang === 'ts' || code.startsWith('import'));
/** A script that names itself has parameters, whose types JavaScript can't say; snippets-run.test.ts runs it. */
const isScript = ({ code }: Snippet): boolean => /^\/\/ \S+\.js\n/.test(code);
const loose: Snippet[] = snippets.filter((snippet) => !strict.includes(snippet) && !isScript(snippet));

describe('Every js and ts block of the documentation', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'snippets-'));
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is there', () => {
    expect(new Set(snippets.map(({ page }) => page)).size).toBeGreaterThan(8);
    expect(strict.length).toBeGreaterThan(2);
  });

  it.each([
    ['with imports or types', strict, 'anApp'],
    ['in JavaScript', loose, 'signedIn'],
  ] as const)('%s, is right about names and types', (_, blocks, appType) => {
    expect(compile(blocks, appType)).toBe('');
  });

  it.each(snippets.filter(({ lang }) => lang === 'js'))('$page:$line is plain JavaScript', ({ code }) => {
    const parser = { syntax: 'ecmascript' } as const;
    expect(() => transformSync(code, { jsc: { parser, target: 'es2022' } })).not.toThrow();
  });

  function compile(blocks: readonly Snippet[], appType: Parameters<typeof ambient>[0]): string {
    mkdirSync(join(dir, appType));
    const here = (file: string) => join(dir, appType, file);
    writeFileSync(here('ambient.d.ts'), ambient(appType));
    for (const [name, text] of Object.entries(besides)) writeFileSync(here(name), text);
    for (const block of blocks) writeFileSync(here(fileOf(block)), moduleOf(block));
    writeFileSync(here('tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const { stdout, stderr } = spawnSync(tsc, ['-p', here('tsconfig.json'), '--singleThreaded'], {
      encoding: 'utf8',
    });
    return stdout + stderr;
  }
});

/** `docs_events.md_8.ts`, so that what the compiler says leads to the block. */
const fileOf = ({ page, line }: Snippet): string => `${page.replaceAll('/', '_')}_${line}.ts`;

/** A file of this repository leads on to others of it; what lies beside it is the reader's. */
function moduleOf({ code, file }: Snippet): string {
  const leadingOn =
    file && code.replaceAll(/'(\.\.\/[^']+)'/g, (_, to) => `'${join(root, dirname(file), String(to))}'`);
  return `${leadingOn ?? code}\nexport {};\n`;
}

const settings = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    esModuleInterop: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    types: ['node', 'jest'],
    lib: ['es2023', 'es2024.string'],
    paths: {
      'express-second-factor': [join(root, 'lib/index.ts')],
      'express-second-factor/*': [join(root, 'lib/*.ts')],
    },
  },
};
