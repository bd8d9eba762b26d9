import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { oddsPerYear, type SecondFactorOptions } from '../../lib';
import { SEND_LIMITS, type SendLimit } from '../../lib/delivery/budgets';
import { namesWithin, table, type Row } from '../../lib/options/table';
import { ACTIVITY_NAMES, type ActivityResult } from '../../lib/stores/activity';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { describedOptions, optionRows, pagesWithOptions, withOptions } from './options-table';
import { read, root, tableAfter } from './pages';

const bare = (cell: string): string => cell.replaceAll('`', '');

const needed: SecondFactorOptions<unknown> = {
  passport: { use: null, authenticate: null, serializeUser: null, deserializeUser: null },
  appName: 'WebAdmin',
  origin: 'https://admin.example.com',
  keys: [],
  users: { id: () => '1', name: () => 'one' },
  accounts: memoryAccounts(),
  pending: memoryPending(),
};

describe('A table of options', () => {
  // Formatted by npm run format.
  if (process.env.UPDATE_README)
    for (const page of pagesWithOptions) writeFileSync(join(root, page), withOptions(page));

  it.each(pagesWithOptions)(
    'is what UPDATE_README=1 npm test -- test/docs/tables.test.ts makes of the comments on options: %s',
    (page) => {
      expect(tableAfter(page, '## Options')).toEqual(optionRows(page));
    },
  );

  it('has every option of keys, with a default', () => {
    const options = describedOptions('WebauthnOptions', 'webauthn.');
    expect(options.map(({ path }) => path.replace('webauthn.', '')).toSorted()).toEqual(
      namesWithin('webauthn').toSorted(),
    );
    expect(options.filter(({ fallback }) => fallback === '')).toEqual([]);
  });
});

describe('The README’s table of options', () => {
  it('has every option', () => {
    const tops = describedOptions().map(({ path }) => path.split('.')[0]);
    expect([...new Set(tops)]).toEqual(namesWithin(''));
  });

  it('says which are required', () => {
    const required = describedOptions().filter(({ fallback }) => fallback === 'required');
    const tops = required.map(({ path }) => path.split('.')[0] ?? '');
    expect([...new Set(tops)].toSorted()).toEqual(Object.keys(needed).toSorted());
  });

  it('has a default for each of the others', () => {
    expect(describedOptions().filter(({ fallback }) => fallback === '')).toEqual([]);
  });
});

describe('The comments on options', () => {
  const source = read('lib/options/options.ts');
  const rows = Object.entries<Row>(table).filter(
    ([path, { fallback }]) => fallback !== undefined && isOfSecondFactor(path),
  );

  it.each(rows)('say the default of %s that the code has', (path, { fallback }) => {
    const name = path.split('.').at(-1) ?? path;
    const comment = new RegExp(`@default \`([^\`]+)\`\\s*\\*/\\s*${name}\\?[:(]`);
    // Two groups may have an option of one name; some are described where their own type is.
    const ofGroup = source.slice(Math.max(0, source.indexOf(`  ${path.split('.')[0]}?: {`)));
    const [, said] = comment.exec(ofGroup) ?? comment.exec(source) ?? [];
    expect(said).toBe(typeof fallback === 'string' ? `'${fallback}'` : JSON.stringify(fallback));
  });

  it('say a default of code for no option that the table has none for, but for functions', () => {
    const said = [...source.matchAll(/@default `([^`]+)`\s*\*\/\s*(\w+)\?[:(]/g)].map(([, value, name]) => [
      value,
      name,
    ]);
    const functions = said.filter(([value = '']) => /=>|^Date\.now$/.test(value));
    expect(said.length - functions.length).toBe(rows.length);
  });
});

function isOfSecondFactor(path: string): boolean {
  return namesWithin('').includes(path.split('.')[0] ?? path);
}

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

describe('docs/events.md, on activity,', () => {
  it('has every name that an entry can have, and its results', () => {
    const rows = tableAfter('docs/events.md', '## Activity');
    expect(rows.map(([name = '']) => bare(name)).toSorted()).toEqual([...ACTIVITY_NAMES].toSorted());
    const results = new Set(rows.flatMap(([, , result = '']) => bare(result).split(' or ')));
    expect(results).toEqual(new Set<ActivityResult>(['ok', 'refused', 'failed']));
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
