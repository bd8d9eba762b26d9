import type { Collection, Connection } from 'mongoose';
import type { Account, Rev, UserId } from '../account/account';
import { errorField, SecondFactorError } from '../errors';
import { bad, isObject, requireOptions } from '../options/checks';
import { cureOf } from '../options/table';
import { take } from '../options/take';
import { type AccountDocument, fromDocument, isNewer, toDocument, tooNew } from './account-document';
import type { Accounts } from './contracts';
import { makeIndexes } from './mongo-indexes';
import { accountsDown, errorText, keyOfAnother } from './store-errors';

/**
 * Regardless of the caller's connection. A majority read cannot see a save that may yet be rolled back, and sees every
 * save that was acknowledged, as a majority acknowledged it.
 */
const READ = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  promoteLongs: true,
  useBigInt64: false,
  raw: false,
} as const;
const WRITE = {
  writeConcern: { w: 'majority', j: true, wtimeoutMS: 10_000 },
  ignoreUndefined: true,
} as const;
const DUPLICATE_KEY = 11_000;

export interface MongoAccountsOptions {
  /** The name of the collection; `second_factor_accounts` by default. */
  readonly collection?: string;
}

export interface MongoAccounts extends Accounts {
  /** Creates the indexes. The first use does so too; calling it at start-up only shows problems earlier. */
  prepare(): Promise<void>;
}

/**
 * Accounts in MongoDB, over the app's own Mongoose connection (8 or 9), one document per user.
 *
 * @example
 * mongoAccounts(mongoose.connection)
 */
export function mongoAccounts(connection: Connection, options: MongoAccountsOptions = {}): MongoAccounts {
  requireConnection(connection);
  requireOptions('mongoAccounts', options);
  const collection = take('mongoAccounts.collection', options.collection);
  return new InMongo(connection.collection<AccountDocument>(collection));
}

function requireConnection(connection: unknown): void {
  if (connection === undefined)
    throw bad('mongoAccounts() got undefined for a connection.', cureOf('mongoAccounts'));
  if (isObject(connection) && typeof Reflect.get(connection, 'collection') === 'function') return;
  throw bad('mongoAccounts() got no connection of Mongoose.', cureOf('mongoAccounts'));
}

/**
 * It works on the connection's collection and not on a model: every model picks up the app's global plugins (soft
 * deletion, timestamps) and its open transaction (AsyncLocalStorage), and neither may touch a save. Every value in a
 * filter is wrapped in `$eq`, so that no object can act as an operator.
 */
class InMongo implements MongoAccounts {
  private ready: Promise<void> | null = null;

  constructor(private readonly accounts: Collection<AccountDocument>) {}

  prepare(): Promise<void> {
    this.ready ??= makeIndexes(this.accounts).catch(() => {
      this.ready = null;
      throw accountsDown();
    });
    return this.ready;
  }

  load(userId: UserId): Promise<Account | null> {
    return this.answered(() => this.find({ _id: { $eq: userId } }));
  }

  save(account: Account, over: Rev | null): Promise<boolean> {
    return this.answered(() => (over === null ? this.insert(account) : this.replace(account, over)));
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.answered(() => this.find({ handle: { $eq: handle } }));
  }

  async remove(userId: UserId): Promise<void> {
    await this.answered(() => this.accounts.deleteOne({ _id: { $eq: userId } }, WRITE));
  }

  async *all(): AsyncGenerator<Account, void, undefined> {
    await this.prepare();
    try {
      for await (const document of this.accounts.find({}, READ)) yield fromDocument(document);
    } catch (error) {
      throw ours(error);
    }
  }

  async *due(now: number): AsyncGenerator<UserId, void, undefined> {
    await this.prepare();
    const due = this.accounts.find(
      { dueAt: { $lte: now } },
      { ...READ, projection: { _id: 1 }, batchSize: 100 },
    );
    try {
      for await (const { _id } of due.sort({ dueAt: 1 })) yield _id as UserId;
    } catch (error) {
      throw ours(error);
    }
  }

  private async find(filter: Record<string, { $eq: string }>): Promise<Account | null> {
    const document = await this.accounts.findOne(filter, READ);
    if (document !== null && isNewer(document)) throw tooNew();
    return document && fromDocument(document);
  }

  private async insert(account: Account): Promise<boolean> {
    try {
      await this.accounts.insertOne(toDocument(account), WRITE);
      return true;
    } catch (error) {
      if (duplicateOf(error) === '_id') return false;
      throw error;
    }
  }

  private async replace(account: Account, over: Rev): Promise<boolean> {
    const filter = { _id: { $eq: account.userId }, rev: { $eq: over } };
    const { matchedCount } = await this.accounts.replaceOne(filter, toDocument(account), WRITE);
    return matchedCount === 1;
  }

  private async answered<T>(ask: () => Promise<T>): Promise<T> {
    await this.prepare();
    try {
      return await ask();
    } catch (error) {
      throw ours(error);
    }
  }
}

/** Nothing of the driver's error gets out: it contains what was to be stored. */
function ours(error: unknown): SecondFactorError {
  if (error instanceof SecondFactorError) return error;
  if (duplicateOf(error) === null) return accountsDown();
  return keyOfAnother();
}

/** The field whose unique index refused a write, or null for any other error. */
function duplicateOf(error: unknown): string | null {
  if (errorField(error, 'code') !== DUPLICATE_KEY) return null;
  if (errorText(error).includes('index: _id_')) return '_id';
  return Object.keys(errorField(error, 'keyPattern') ?? {})[0] ?? 'unknown';
}
