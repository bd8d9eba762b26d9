import { oddsPerYear, type SecondFactorOptions } from '../../lib';
import { STORE_TIME } from '../../lib/stores/deadline';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { resolveOptions } from '../../lib/resolve-options';
import { read, tableAfter } from './pages';

const bare = (cell: string): string => cell.replaceAll('`', '');
const options = tableAfter('README.md', '## Options').map(([name = '', value = '']) => ({
  name: bare(name),
  value: bare(value),
}));

const needed: SecondFactorOptions<unknown> = {
  passport: { use: null, authenticate: null, serializeUser: null, deserializeUser: null },
  appName: 'WebAdmin',
  origin: 'https://admin.example.com',
  keys: [],
  users: { id: () => '1', name: () => 'one' },
  accounts: memoryAccounts(),
  pending: memoryPending(),
};

describe('The README’s table of options', () => {
  it('has every option, in the order of the types', () => {
    const source = read('lib/options.ts');
    const [, body = ''] = /interface SecondFactorOptions<User> \{([\s\S]*?)\n\}/.exec(source) ?? [];
    const names = [...body.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, name]) => name);
    const inTable = options.map(({ name }) => name.split('.')[0]);
    expect([...new Set(inTable)].toSorted()).toEqual(names.toSorted());
  });

  it('says which are required', () => {
    const required = options
      .filter(({ value }) => value === 'required')
      .map(({ name }) => name.split('.')[0]);
    expect([...new Set(required)].toSorted()).toEqual(Object.keys(needed).toSorted());
  });

  // Given as they stand in the table they must change nothing.
  const literals = options.filter(({ value }) => /^('[^']*'|\d+|\[\])$/.test(value));
  it.each(literals)('has the right default of $name: $value', ({ name, value }) => {
    const given = value === '[]' ? [] : value.startsWith("'") ? value.slice(1, -1) : Number(value);
    if (name === 'deadline') return expect(given).toBe(STORE_TIME);
    const [outer = '', inner] = name.split('.');
    const changed = { ...needed, [outer]: inner === undefined ? given : { [inner]: given } };
    return expect(resolveOptions(changed)).toEqual(resolveOptions(needed));
  });

  it('gives most defaults as a literal', () => {
    expect(literals.length).toBeGreaterThanOrEqual(11);
  });
});

describe('docs/events.md', () => {
  it('has every event, with what it carries', () => {
    const source = read('lib/events.ts');
    const [, body = ''] = /interface SecondFactorEvents \{([\s\S]*?)\n\}/.exec(source) ?? [];
    const events = [...body.matchAll(/'([\w.-]+)': Happened([^;]*(?:;[^']*?)?);?$/gm)].map(
      ([, name]) => name,
    );
    const rows = tableAfter('docs/events.md', '# Events');
    expect(rows.map(([name = '']) => bare(name)).toSorted()).toEqual(events.toSorted());
    for (const [name = '', , fields = ''] of rows) {
      const [, declared = ''] =
        new RegExp(`'${bare(name)}': Happened([\\s\\S]*?)(?=\\n {2}['/]|$)`).exec(body) ?? [];
      const names = [...declared.matchAll(/readonly (\w+)/g)].map(([, field]) => field);
      expect([name, [...fields.matchAll(/^`(\w+)`|, `(\w+)`/g)].map(([, a, b]) => a ?? b)]).toEqual([
        name,
        names,
      ]);
    }
  });
});

describe('The odds of guessing', () => {
  const percent = (odds: number): string => `${(odds * 100).toFixed(2)} %`;

  it('are those that the library computes', () => {
    const rows = tableAfter('docs/threat-model.md', '## The odds of guessing');
    expect(rows).toEqual([1, 2, 3].map((apps) => [String(apps), percent(oddsPerYear({ apps }))]));
    expect(read('SECURITY.md')).toContain(`${percent(oddsPerYear())} in a year with one app`);
  });

  it('stand in the example as it prints them', () => {
    const lines = [...read('docs/threat-model.md').matchAll(/oddsPerYear\((\{.*?\})\); \/\/ .*?(0\.\d+)/g)];
    const shown = lines.map(([, , odds]) => odds);
    expect(shown).toEqual(
      [oddsPerYear({ apps: 1 }), oddsPerYear({ apps: 1, steps: 1 })].map((n) => n.toFixed(4)),
    );
  });
});
