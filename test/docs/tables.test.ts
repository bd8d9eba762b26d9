import { oddsPerYear, type SecondFactorOptions } from '../../lib';
import { SEND_LIMITS, type SendLimit } from '../../lib/delivery/budgets';
import { STORE_TIME } from '../../lib/stores/deadline';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { resolveOptions } from '../../lib/options/resolve';
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
  it('has every option, and no other', () => {
    const source = read('lib/options/options.ts');
    const [, body = ''] = /interface SecondFactorOptions<User> \{([\s\S]*?)\n\}/.exec(source) ?? [];
    const names = [...body.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, name = '']) => name);
    const inTable = options.map(({ name }) => name.split('.')[0] ?? '');
    expect([...new Set(inTable)].toSorted()).toEqual(names.toSorted());
  });

  it('says which are required', () => {
    const required = options
      .filter(({ value }) => value === 'required')
      .map(({ name }) => name.split('.')[0] ?? '');
    expect([...new Set(required)].toSorted()).toEqual(Object.keys(needed).toSorted());
  });

  // Given as they stand in the table they must change nothing.
  const literals = options.filter(
    ({ name, value }) => name !== 'deadline' && /^('[^']*'|\d+|\[\])$/.test(value),
  );
  it.each(literals)('has the right default of $name: $value', ({ name, value }) => {
    const given = value === '[]' ? [] : value.startsWith("'") ? value.slice(1, -1) : Number(value);
    const [outer = '', inner] = name.split('.');
    const changed = { ...needed, [outer]: inner === undefined ? given : { [inner]: given } };
    expect(resolveOptions(changed)).toEqual(resolveOptions(needed));
  });

  it('gives most defaults as a literal, that of the deadline too', () => {
    expect(literals.length).toBeGreaterThanOrEqual(10);
    expect(options.find(({ name }) => name === 'deadline')?.value).toBe(String(STORE_TIME));
  });
});

describe('docs/events.md', () => {
  it('has every event, with what it carries', () => {
    const [, body = ''] = /interface SecondFactorEvents \{([\s\S]*?)\n\}/.exec(read('lib/events.ts')) ?? [];
    const events = body.split(/^ {2}'/m).slice(1);
    const declared = events.map((event) => [
      event.slice(0, event.indexOf("'")),
      [...event.matchAll(/readonly (\w+)/g)].map(([, field]) => field),
    ]);
    const told = tableAfter('docs/events.md', '# Events').map(([name = '', , fields = '']) => [
      bare(name),
      [...fields.matchAll(/(?:^|, )`(\w+)`/g)].map(([, field]) => field),
    ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(declared));
  });
});

describe('docs/send-codes.md', () => {
  it('has every limit of messages, with its default', () => {
    const times = { [60 * 60_000]: 'an hour', [24 * 60 * 60_000]: 'a day' };
    const told = tableAfter('docs/send-codes.md', '## Limits').map(([name = '', value]) => [
      bare(name),
      value,
    ]);
    const limits = Object.entries<SendLimit>({ ...SEND_LIMITS }).map(([name, { sends, per }]) => [
      name,
      `${sends.toLocaleString('en').replace(',', ' ')} in ${times[per]}`,
    ]);
    expect(told).toEqual(limits);
  });
});

describe('docs/decisions/dependencies.md', () => {
  const page = read('docs/decisions/dependencies.md');
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const dev = Object.keys(devDependencies ?? {}).filter((name) => !name.startsWith('@types/'));
  const names = [...Object.keys({ ...dependencies, ...peerDependencies }), ...dev];

  it.each(names)('says what %s is for', (name) => {
    expect(page).toMatch(new RegExp(`(?:^|[\\s\`(])${name}(?:[\\s\`,.)]|$)`, 'm'));
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
