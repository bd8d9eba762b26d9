import type { SecondFactor } from '../api';
import { AuthenticAccounts } from '../core/authentic-accounts';
import { createAccountMacs } from '../crypto/account-mac';
import { type ChainEnds, createChainEnds } from '../crypto/chain-ends';
import { createKeyRing } from '../crypto/key-ring';
import { SecondFactorError } from '../errors';
import { isObject } from '../options/checks';
import { resolveRequests } from '../options/lost-access';
import type { SecondFactorOptions } from '../options/options';
import { requireAccounts, requireAudit, resolveOptions } from '../options/resolve';
import type { EvidenceRules } from '../recovery/points';
import { secondFactor } from '../second-factor';
import type { AuditStore } from '../stores/audit';
import type { Accounts } from '../stores/contracts';
import { mongoAccounts } from '../stores/mongo-accounts';
import { mongoAudit } from '../stores/mongo-audit';
import { type Io, WrongUse } from './io';

/** What a command works on. */
export interface Opened {
  readonly accounts: AuthenticAccounts;
  /** null: the config module names none. */
  readonly audit: AuditStore | null;
  readonly ends: ChainEnds;
  /** What evidence counts; null: the config module does not say. */
  readonly evidence: EvidenceRules | null;
  readonly now: () => number;
  /**
   * The app itself, for what changes an account: its user has to be told.
   *
   * @throws WrongUse or SecondFactorError `bad_option` where an option is missing for that
   */
  app(this: void): App;
}

interface App {
  readonly twoFactor: SecondFactor<unknown>;
  readonly takesRequests: boolean;
}

export interface Places {
  /** A module that exports options of `secondFactor()`. */
  readonly config?: string | undefined;
  readonly accountsCollection?: string | undefined;
  readonly auditCollection?: string | undefined;
}

interface Stores {
  readonly accounts: Accounts;
  readonly audit: AuditStore | null;
  readonly evidence: EvidenceRules | null;
  readonly now: () => number;
  readonly keys: readonly string[];
  /** What the config module exports besides; null: there is none. */
  readonly options: object | null;
  close(): Promise<void>;
}

/** Opens the stores, does the work, and closes them again. */
export async function withStores<Result>(
  io: Io,
  places: Places,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const stores = await (places.config === undefined ? fromEnvironment(io, places) : fromConfig(io, places));
  // A function sets it, which the compiler does not follow into `finally`.
  const opened: App[] = [];
  const app = () => {
    const [first = appOf(stores.options)] = opened;
    opened[0] = first;
    return first;
  };
  try {
    const ring = ringOf(stores.keys, places.config === undefined ? 'TWO_FACTOR_KEY' : places.config);
    const accounts = new AuthenticAccounts(stores.accounts, createAccountMacs(ring), () => undefined);
    const { audit, evidence, now } = stores;
    return await work({ accounts, audit, ends: createChainEnds(ring), evidence, now, app });
  } finally {
    for (const { twoFactor } of opened) await twoFactor.close().catch(() => undefined);
    await stores.close().catch(() => undefined);
  }
}

export const needsConfig = (): WrongUse =>
  new WrongUse(
    '--config is missing: whose account it is has to be told, and that takes all options.',
    'Give --config with a module that exports what secondFactor() gets, users and email included.',
  );

function appOf(options: object | null): App {
  if (options === null) throw needsConfig();
  const given = asGiven(options);
  const takesRequests = resolveOptions(given).settings.recovery !== null;
  return { twoFactor: secondFactor(given), takesRequests };
}

/** It may have any type until it is looked at, and everything that takes it looks. */
const asGiven = (options: object) => options as SecondFactorOptions<unknown>;

function ringOf(keys: readonly string[], from: string) {
  try {
    return createKeyRing(keys);
  } catch (error) {
    if (!(error instanceof SecondFactorError)) throw error;
    throw new WrongUse(`${from}: ${error.message}`, error.help);
  }
}

/** How long it may take to reach the server, ms. */
const CONNECT = 2_000;

async function fromEnvironment({ env }: Io, places: Places): Promise<Stores> {
  const { MONGODB_URI: uri = '', TWO_FACTOR_KEY: keys = '' } = env;
  if (uri === '')
    throw new WrongUse(
      'MONGODB_URI is not set.',
      'Set it to the address of the MongoDB with the accounts, or give --config with a module that exports the stores.',
    );
  if (keys === '')
    throw new WrongUse(
      'TWO_FACTOR_KEY is not set.',
      'Set it to the key of the app; to several, with commas between them, while keys are rotated.',
    );
  const connection = await connect(uri);
  const { accountsCollection, auditCollection } = places;
  return {
    accounts: mongoAccounts(
      connection,
      accountsCollection === undefined ? {} : { collection: accountsCollection },
    ),
    audit: mongoAudit(connection, auditCollection === undefined ? {} : { collection: auditCollection }),
    keys: keys.split(',').map((key) => key.trim()),
    options: null,
    evidence: null,
    now: Date.now,
    close: () => connection.close(),
  };
}

/** Nothing of the driver's error gets out: it may contain the address, and with it the password. */
async function connect(uri: string) {
  const { createConnection } = await import('mongoose').catch(() => {
    throw new WrongUse(
      'mongoose is not installed.',
      'Run it where your app is installed, or npm install mongoose.',
    );
  });
  const connection = createConnection(uri, { bufferCommands: false, serverSelectionTimeoutMS: CONNECT });
  connection.on('error', () => undefined);
  try {
    return await connection.asPromise();
  } catch {
    await connection.close(true).catch(() => undefined);
    throw new SecondFactorError(
      'unavailable',
      'The MongoDB that MONGODB_URI names can’t be used.',
      'Check the address, the user and the password in it, and that it can be reached from here.',
    );
  }
}

async function fromConfig(
  io: Io,
  { config = '', accountsCollection, auditCollection }: Places,
): Promise<Stores> {
  if (accountsCollection !== undefined || auditCollection !== undefined)
    throw new WrongUse(
      'Names of collections were given beside --config.',
      'Give them to mongoAccounts() and mongoAudit() in that module.',
    );
  const options = await optionsIn(io, config);
  const { close, ...given } = options;
  const { accounts, audit, keys, lostAccess, now } = given;
  requireAccounts(accounts);
  if (audit !== undefined) requireAudit(audit);
  if (!Array.isArray(keys))
    throw new WrongUse(`${config} exports no keys.`, `${EXPORTS} keys are those of your app, as a list.`);
  return {
    accounts,
    audit: audit ?? null,
    keys: keys.map(String),
    options: given,
    evidence: isObject(lostAccess)
      ? (resolveRequests(asGiven(given).lostAccess, true)?.evidence ?? null)
      : null,
    now: typeof now === 'function' ? () => Number(Reflect.apply(now, given, [])) : Date.now,
    close: async () => {
      if (typeof close === 'function') await Reflect.apply(close, options, []);
    },
  };
}

const EXPORTS =
  'Export accounts, audit and keys, as secondFactor() gets them, and close() if something is to be closed.';

/** What a module has besides its exports. */
const OF_MODULES: ReadonlySet<string> = new Set(['default', 'module.exports', '__esModule']);

async function optionsIn(io: Io, config: string): Promise<Readonly<Record<string, unknown>>> {
  const loaded = await io.load(config).catch(() => {
    throw new WrongUse(`${config} can’t be loaded.`, 'Check its path, and that node can load it by itself.');
  });
  if (!isObject(loaded)) throw new WrongUse(`${config} exports nothing.`, EXPORTS);
  const given: unknown = Reflect.get(loaded, 'default');
  const own = Object.entries(loaded).filter(([name]) => !OF_MODULES.has(name));
  return { ...Object.fromEntries(own), ...(isObject(given) ? given : {}) };
}
