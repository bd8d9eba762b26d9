import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const root = join(__dirname, '../..');

/** The README, the pages beside it, and everything under docs/, by their path in the repository. */
export const pages: readonly string[] = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'example-app/README.md',
  ...filesIn('docs').filter((file) => file.endsWith('.md')),
];

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The files below a folder, by their path in the repository, with slashes. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}

/** The cells of the rows of the first table that follows `heading`, without its head. */
export function tableAfter(page: string, heading: string): string[][] {
  const lines = read(page).split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`${page} has no heading "${heading}"`);
  const start = lines.findIndex((line, index) => index > from && line.startsWith('|'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
