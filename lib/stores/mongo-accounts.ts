import type { Collection, Connection, mongo } from 'mongoose';
import type { Account, Rev, UserId } from '../account/account';
import { isListed, type RequestFilter } from '../account/requests-among';
import type { SecondFactorError } from '../errors';
import { requireOptions } from '../options/checks';
import { take } from '../options/take';
import { type AccountDocument, fromDocument, isNewer, toDocument, tooNew } from './account-document';
import type { Accounts } from './contracts';
import { duplicateOf, READ, requireConnection, WRITE } from './mongo-connection';
import type { Index } from './mongo-indexes';
import { MongoStore } from './mongo-store';
import { accountsDown, keyOfAnother } from './store-errors';

/** Every account has an `_id`, so an index that contains it can't be sparse. No time is negative. */
const HAS_REQUEST = { 'openRequest.dueAt': { $gt: -1 } };

/**
 * Sparse: accounts without the field are not in the index. A partial index would not do for `factors.credentialId`,
 * because it holds null for each factor without one, and two accounts with a key and an app would then be duplicates of
 * each other.
 */
const INDEXES: readonly Index[] = [
  { key: { 'factors.credentialId': 1 }, name: 'second_factor_credential', unique: true, sparse: true },
  { key: { handle: 1 }, name: 'second_factor_handle', unique: true, sparse: true },
  { key: { dueAt: 1 }, name: 'second_factor_due', sparse: true },
  { key: { 'openRequest.dueAt': 1, _id: 1 }, name: 'second_factor_requests', only: HAS_REQUEST },
  {
    key: { 'openRequest.state': 1, 'openRequest.dueAt': 1, _id: 1 },
    name: 'second_factor_requests_by_state',
    only: HAS_REQUEST,
  },
  { key: { 'recoveries.reference': 1 }, name: 'second_factor_references', sparse: true },
  { key: { 'recoveries.state': 1 }, name: 'second_factor_request_states', sparse: true },
];

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
  requireConnection('mongoAccounts', connection);
  requireOptions('mongoAccounts', options);
  const collection = take('mongoAccounts.collection', options.collection);
  return new InMongo(connection.collection<AccountDocument>(collection));
}

/**
 * It works on the connection's collection and not on a model: every model picks up the app's global plugins (soft
 * deletion, timestamps) and its open transaction (AsyncLocalStorage), and neither may touch a save. Every value in a
 * filter is wrapped in `$eq`, so that no object can act as an operator.
 */
class InMongo extends MongoStore<AccountDocument> implements MongoAccounts {
  constructor(accounts: Collection<AccountDocument>) {
    super(accounts, INDEXES, accountsDown);
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
    await this.answered(() => this.documents.deleteOne({ _id: { $eq: userId } }, WRITE));
  }

  async *all(): AsyncGenerator<Account, void, undefined> {
    await this.prepare();
    try {
      for await (const document of this.documents.find({}, READ)) yield fromDocument(document);
    } catch (error) {
      throw this.ours(error);
    }
  }

  async *due(now: number): AsyncGenerator<UserId, void, undefined> {
    await this.prepare();
    const due = this.documents.find(
      { dueAt: { $lte: now } },
      { ...READ, projection: { _id: 1 }, batchSize: 100 },
    );
    try {
      for await (const { _id } of due.sort({ dueAt: 1 })) yield _id as UserId;
    } catch (error) {
      throw this.ours(error);
    }
  }

  async *withRequest(wanted: RequestFilter): AsyncGenerator<Account, void, undefined> {
    await this.prepare();
    try {
      for (const { filter, sort } of requestQueries(wanted)) {
        const found = this.documents.find(filter, { ...READ, sort, batchSize: 64 });
        for await (const document of found) yield fromDocument(document);
      }
    } catch (error) {
      throw this.ours(error);
    }
  }

  private async find(filter: Record<string, { $eq: string }>): Promise<Account | null> {
    const document = await this.documents.findOne(filter, READ);
    if (document !== null && isNewer(document)) throw tooNew();
    return document && fromDocument(document);
  }

  private async insert(account: Account): Promise<boolean> {
    try {
      await this.documents.insertOne(toDocument(account), WRITE);
      return true;
    } catch (error) {
      if (duplicateOf(error) === '_id') return false;
      throw error;
    }
  }

  private async replace(account: Account, over: Rev): Promise<boolean> {
    const filter = { _id: { $eq: account.userId }, rev: { $eq: over } };
    const { matchedCount } = await this.documents.replaceOne(filter, toDocument(account), WRITE);
    return matchedCount === 1;
  }

  protected override ours(error: unknown): SecondFactorError {
    return duplicateOf(error) === null ? super.ours(error) : keyOfAnother();
  }
}

interface Query {
  readonly filter: mongo.Filter<AccountDocument>;
  readonly sort: { readonly [field: string]: 1 };
}

/** One after the other, these find what is wanted, in its order. */
function* requestQueries(wanted: RequestFilter): Generator<Query, void, undefined> {
  const isOfSomebody = { shadowUntil: { $exists: false } };
  if ('reference' in wanted) {
    yield {
      filter: { 'recoveries.reference': { $eq: wanted.reference }, ...isOfSomebody },
      sort: { _id: 1 },
    };
    return;
  }
  const { state, after } = wanted;
  if (state !== undefined && !isListed(state)) {
    const from = after && { _id: { $gt: after.userId } };
    yield { filter: { 'recoveries.state': { $eq: state }, ...isOfSomebody, ...from }, sort: { _id: 1 } };
    return;
  }
  // It is one of our states, so it can do without `$eq`, with which some servers don't use the index.
  const inState = state !== undefined && { 'openRequest.state': state };
  const due = 'openRequest.dueAt';
  if (after)
    yield {
      filter: { ...inState, [due]: { $eq: after.dueAt }, _id: { $gt: after.userId } },
      sort: { _id: 1 },
    };
  for (const span of spansAfter(after?.dueAt ?? -1))
    yield { filter: { ...inState, [due]: span }, sort: { [due]: 1, _id: 1 } };
}

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/**
 * Spans of time that grow, the last without an end. MongoDB reads as far as it is asked to; other servers with its
 * protocol read and sort all that a filter finds. So what is due soon is asked for alone.
 */
function* spansAfter(start: number): Generator<{ $gt: number; $lte?: number }, void, undefined> {
  let $gt = start;
  let $lte = Math.max(start, Date.now());
  for (let span = HOUR; span < YEAR; span *= 6) {
    $lte += span;
    yield { $gt, $lte };
    $gt = $lte;
  }
  yield { $gt };
}
