import { parseArgs } from 'node:util';
import type { UserId } from '../account/account';
import { toUserId } from '../account/user-id';
import { errorField, SecondFactorError } from '../errors';
import { nearest } from '../options/checks';
import type { Command } from './command';
import { commands } from './commands';
import { type ExitCode, type Io, WrongUse } from './io';
import { needsConfig, withStores } from './open';
import { Progress } from './progress';
import { columns, json, printable } from './text';

/** Runs one command. Nothing it prints is secret, and no error of others gets out. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const progress = new Progress(io.err);
  try {
    return await dispatch(argv, io, progress);
  } catch (error) {
    progress.end();
    const told = toldOf(error);
    io.err.write(
      argv.includes('--json')
        ? `${json({ error: { code: told.code, message: told.message, help: told.help } })}\n`
        : `${printable(`${told.message} ${told.help}`.trimEnd())}\n`,
    );
    return told.exit;
  }
}

async function dispatch(argv: readonly string[], io: Io, progress: Progress): Promise<ExitCode> {
  const [name = '', ...rest] = argv;
  if (name === '' || name === 'help' || argv.includes('--help')) {
    for (const line of helpLines()) io.out.write(`${line}\n`);
    return name === '' ? 2 : 0;
  }
  const command = commands.get(name);
  if (!command) throw unknownCommand(name);
  const { values, positionals } = parsed(command, rest);
  const user = userIn(name, command, positionals);
  const given = command.values.flatMap((option): [string, string][] => {
    const value: unknown = Reflect.get(values, option);
    return typeof value === 'string' ? [[option, value]] : [];
  });
  const { config, 'accounts-collection': accountsCollection, 'audit-collection': auditCollection } = values;
  if (command.needsApp && config === undefined) throw needsConfig();
  return withStores(io, { config, accountsCollection, auditCollection }, (opened) =>
    command.run({
      ...opened,
      user,
      flags: new Set(command.flags.filter((flag) => Reflect.get(values, flag) === true)),
      values: new Map(given),
      isJson: values.json === true,
      progress,
      print: (line) => {
        progress.end();
        io.out.write(`${line}\n`);
      },
      read: (path) =>
        io.read(path).catch(() => {
          throw new WrongUse(`${path} can’t be read.`, 'Check its path, and that you may read it.');
        }),
    }),
  );
}

const COMMON = {
  json: { type: 'boolean' },
  config: { type: 'string' },
  'accounts-collection': { type: 'string' },
  'audit-collection': { type: 'string' },
} as const;

function parsed({ flags, values }: Command, args: readonly string[]) {
  const own = {
    ...Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' as const }])),
    ...Object.fromEntries(values.map((value) => [value, { type: 'string' as const }])),
  };
  try {
    return parseArgs({ args: [...args], options: { ...own, ...COMMON }, allowPositionals: true });
  } catch (error) {
    // The first sentence names the option, and never what was given for it.
    const [sentence = ''] = textIn(error, 'message').split(/[.\n]/);
    throw new WrongUse(`${sentence}.`, SEE_HELP);
  }
}

function userIn(name: string, { user, usage }: Command, positionals: readonly string[]): UserId | null {
  const help = `Give: express-second-factor ${name} ${usage}`;
  const [id, ...others] = positionals;
  if (others.length > 0) throw new WrongUse('More than one user was named.', help);
  if (id === undefined && user === 'needed') throw new WrongUse('No user was named.', help);
  if (id !== undefined && user === 'none') throw new WrongUse(`${name} takes no user.`, help);
  return id === undefined ? null : toUserId(id, 'The command line gave');
}

const SEE_HELP = 'express-second-factor --help shows how it is called.';

const unknownCommand = (name: string): WrongUse =>
  new WrongUse(
    `There is no command ${name}.`,
    `Did you mean ${nearest(name, [...commands.keys()])}? ${SEE_HELP}`,
  );

const helpLines = (): string[] => [
  'express-second-factor: looks after the accounts of an app',
  '',
  ...columns([...commands].map(([name, { usage, summary }]) => [`  ${name} ${usage}`, summary])),
  '',
  ...columns([
    ['  --json', 'Answers as JSON, one object a line'],
    ['  --config <module>', 'A module that exports accounts, audit and keys, as secondFactor() gets them;'],
    ['', 'for reset and unlock all that secondFactor() gets'],
    ['  --accounts-collection <name>', 'Where they are in MongoDB, if not in second_factor_accounts'],
    ['  --audit-collection <name>', 'The same, if not in second_factor_audit'],
  ]),
  '',
  'Without --config, MONGODB_URI names the database, and TWO_FACTOR_KEY is the key of the app; several with commas.',
  'Exits with 0 if it is done, or whole; 1 if not; 2 if it was called wrongly.',
];

interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly exit: ExitCode;
}

function toldOf(error: unknown): ToldError {
  if (error instanceof WrongUse)
    return { code: 'wrong_use', message: error.message, help: error.help, exit: 2 };
  if (error instanceof SecondFactorError) {
    const { code, message, help } = error;
    return { code, message, help, exit: code === 'bad_option' ? 2 : 1 };
  }
  return {
    code: 'failed',
    message: `It failed with ${textIn(error, 'name')}.`,
    help: 'Whatever the stores of the config module threw is not shown: it may hold secrets.',
    exit: 1,
  };
}

function textIn(error: unknown, field: 'name' | 'message'): string {
  const text = errorField(error, field);
  return typeof text === 'string' ? text : 'something else than an error';
}
