import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './pages';
import type { Snippet } from './snippets';

/** What a snippet has in reach, by name. */
export type Names = Readonly<Record<string, unknown>>;

/**
 * Runs a snippet with these names in reach, as a module of its own: what it imports is the library.
 *
 * @returns the constants that it declares
 */
export async function run({ code }: Snippet, names: Names): Promise<Names> {
  const lines = code.split('\n');
  const isImport = (line: string): boolean => line.startsWith('import ');
  const declared = [...code.matchAll(/^const (\w+) =/gm)].map(([, name]) => name);
  // The inner block lets a snippet declare what others find in reach.
  const source = `
    ${lines.filter(isImport).join('\n')}
    export const run = async ({ ${Object.keys(names).join(', ')} }) => {{
      ${lines.filter((line) => !isImport(line)).join('\n')}
      return { ${declared.join(', ')} };
    }};`;
  const dir = mkdtempSync(join(tmpdir(), 'snippet-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'snippet.ts'), source);
    const module = jest.requireActual<{ run: (names: Names) => Promise<Names> }>(join(dir, 'snippet.ts'));
    return await module.run(names);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
