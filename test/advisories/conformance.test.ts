import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Row {
  readonly ids: readonly string[];
  readonly name: string;
  readonly file: string;
}

/** The rows of the tables that name a test; those of what people met have no id. */
const rows: readonly Row[] = read('docs/conformance.md')
  .split('\n')
  .map((line) => /^\| (?:([^|]+?) +\| )?([^|]+?) +\| `(test\/[^`]+)` +\|$/.exec(line))
  .flatMap((match) => {
    if (!match) return [];
    const [, ids, name = '', file = ''] = match;
    return [{ ids: ids?.split(', ') ?? [], name: name.replace(/ …$/, ''), file }];
  });

const CHECK = /\bcheck \d+\b/g;

/** As it stands between the quotes of the source. */
const inSource = (name: string): RegExp =>
  new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'"));

describe('docs/conformance.md', () => {
  it('names tests that are there, by the ids and the name they have', () => {
    expect(rows.length).toBeGreaterThan(150);
    for (const { ids, name, file } of rows) {
      expect([file, existsSync(join(root, file))]).toEqual([file, true]);
      const source = read(file);
      for (const id of ids) expect([file, id, source.includes(id)]).toEqual([file, id, true]);
      expect([file, name, inSource(name).test(source)]).toEqual([file, name, true]);
    }
  });

  it('leaves out no advisory that has a test', () => {
    const known = new Set(rows.flatMap(({ ids }) => ids));
    const tested = readdirSync(__dirname)
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap(
        (file) =>
          read(join('test/advisories', file)).match(/\b(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3})\b/g) ?? [],
      );
    expect(tested.length).toBeGreaterThan(50);
    expect(tested.filter((id) => !known.has(id))).toEqual([]);
  });

  it.each(['mistakes', 'set-up-as-people-met-it'])('leaves out nothing that people met: %s', (name) => {
    const file = `test/browser/${name}.test.ts`;
    const met = [
      ...read(file).matchAll(
        /\b(?:it|usually)(?:\.each\([^;]*?\])?\)?\(\s*(['`])(.+?)\1\s*,\s*(?:async|\()/gs,
      ),
    ];
    expect(met.length).toBeGreaterThan(9);
    const listed = rows.filter((row) => row.file === file).map((row) => row.name);
    const isListed = (whole: string) => listed.some((one) => whole.endsWith(one));
    expect(met.map(([, , whole = '']) => whole).filter((whole) => !isListed(whole))).toEqual([]);
  });

  it('has every check of a page, with a test or as not yet', () => {
    const [, notYet = ''] = read('docs/conformance.md').split('## Not yet');
    const listed = [...rows.flatMap(({ ids }) => ids), ...(notYet.match(CHECK) ?? [])];
    const numbers = new Set(listed.map((id) => Number(/^check (\d+)$/.exec(id)?.[1] ?? 0)));
    const last = Math.max(...numbers);
    const all = Array.from({ length: last }, (_, at) => at + 1);
    expect(last).toBe(65);
    expect(all.filter((number) => !numbers.has(number))).toEqual([]);
  });

  it('does not say "not yet" of what has a test', () => {
    const [, notYet = ''] = read('docs/conformance.md').split('## Not yet');
    const ids = notYet.match(/\b(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3}|ASVS [\d.]+\d|check \d+)\b/g) ?? [];
    const known = new Set(rows.flatMap((row) => row.ids));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => known.has(id))).toEqual([]);
  });
});
