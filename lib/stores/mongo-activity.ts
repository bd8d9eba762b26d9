import type { Collection, Connection } from 'mongoose';
import type { ProofType, UserId } from '../account/account';
import { requireOptions } from '../options/checks';
import { take, type Duration } from '../options/take';
import { type ActivityEntry, type ActivityQuery, type ActivityStore, MOST_ENTRIES } from './activity';
import { BoundedMap } from './bounded-map';
import { duplicateOf, READ, requireConnection, WRITE } from './mongo-connection';
import type { Index } from './mongo-indexes';
import { MongoStore } from './mongo-store';
import { activityDown } from './store-errors';
import { firstIdAt, timeOfId } from './time-ordered-id';

export interface MongoActivityOptions {
  /** The name of the collection; `second_factor_activity` by default. */
  readonly collection?: string;
  /** How long entries are kept; 90 days by default. */
  readonly keep?: Duration;
}

export interface MongoActivity extends ActivityStore {
  /** Creates the indexes. The first use does so too; calling it at start-up only shows problems earlier. */
  prepare(): Promise<void>;
}

/**
 * Activity in MongoDB, over the app's own Mongoose connection (8 or 9), one document per entry, deleted by the server
 * when its time is over.
 *
 * @example
 * mongoActivity(mongoose.connection, { keep: '90d' })
 */
export function mongoActivity(connection: Connection, options: MongoActivityOptions = {}): MongoActivity {
  requireConnection('mongoActivity', connection);
  requireOptions('mongoActivity', options);
  const collection = take('mongoActivity.collection', options.collection);
  const keep = take('mongoActivity.keep', options.keep);
  return new ActivityInMongo(connection.collection<EntryDocument>(collection), keep);
}

interface EntryDocument extends Omit<ActivityEntry, 'userId'> {
  /** A slot of the user's ring. */
  readonly _id: string;
  readonly user: string;
  /** Counts the user's entries; modulo 1 000 it is the slot. */
  readonly nth: number;
  readonly until: Date;
}

const INDEXES: readonly Index[] = [
  { key: { user: 1, id: -1 }, name: 'second_factor_activity_page', unique: true },
  { key: { until: 1 }, name: 'second_factor_activity_until', expireAfterSeconds: 0 },
];

/** So many processes may write for one user at the same moment. */
const ATTEMPTS = 20;
/** How many users this process remembers the count of; for others it is read again. */
const MOST_COUNTED = 10_000;

/**
 * A ring of 1 000 slots per user: the nth entry replaces the one that is 1 000 older, so each entry costs one write,
 * nothing has to be counted or deleted, and a user can't have more (docs/decisions/activity.md).
 */
class ActivityInMongo extends MongoStore<EntryDocument> implements MongoActivity {
  /** The number of each user's latest entry, as far as this process knows. */
  private readonly latest = new BoundedMap<UserId, Promise<number>>(MOST_COUNTED);

  constructor(
    entries: Collection<EntryDocument>,
    readonly keep: number,
  ) {
    super(entries, INDEXES, activityDown);
  }

  append(entry: ActivityEntry): Promise<void> {
    return this.answered(async () => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const nth = await this.countOne(entry.userId);
        const refusedBy = await this.put(entry, nth);
        // This very entry is there already.
        if (refusedBy !== '_id') return;
        // Another process took the slot: its entries are counted as well.
        await this.count(entry.userId, nth);
      }
      throw activityDown();
    });
  }

  list(userId: UserId, { before, type, limit }: ActivityQuery): Promise<readonly ActivityEntry[]> {
    return this.answered(async () => {
      for (const after of limit > FEW ? [] : windowsBefore(before)) {
        const found = await this.find(userId, type, limit, idsBetween(after, before));
        if (found.length >= limit) return found;
      }
      return this.find(userId, type, limit, idsBetween(undefined, before));
    });
  }

  async remove(userId: UserId): Promise<void> {
    await this.answered(() => this.documents.deleteMany({ user: String(userId) }, WRITE));
  }

  /** Asks for nothing that is not in the index, and picks from what it gets: a user has at most 1 000. */
  private async find(
    userId: UserId,
    type: ProofType | undefined,
    limit: number,
    ids: { readonly id?: object },
  ): Promise<readonly ActivityEntry[]> {
    const options = { ...READ, sort: { id: -1 }, limit: type === undefined ? limit : MOST_ENTRIES } as const;
    const found = await this.documents.find({ user: String(userId), ...ids }, options).toArray();
    const now = Date.now();
    return (
      found
        // The server deletes once a minute.
        .filter((entry) => entry.until.getTime() > now && (type === undefined || entry.type === type))
        .slice(0, limit)
        .map(({ _id, user, nth, until, ...entry }) => ({ ...entry, userId: user as UserId }))
    );
  }

  /** @returns the field whose unique index refused it; null if it was stored */
  private async put({ userId, ...entry }: ActivityEntry, nth: number): Promise<string | null> {
    const slot = `${nth % MOST_ENTRIES}:${userId}`;
    const stored = { ...entry, user: userId, nth, until: new Date(Date.now() + this.keep) };
    try {
      await this.documents.replaceOne({ _id: slot, nth: { $lt: nth } }, stored, {
        ...WRITE,
        upsert: true,
      });
      return null;
    } catch (error) {
      const refusedBy = duplicateOf(error);
      if (refusedBy === null) throw error;
      return refusedBy;
    }
  }

  /** The number of the next entry. */
  private countOne(userId: UserId): Promise<number> {
    const before = this.latest.get(userId) ?? this.readLatest(userId);
    return this.keepCount(
      userId,
      before.then((nth) => nth + 1),
    );
  }

  /** Counts on from what is stored, and at least from here. */
  private async count(userId: UserId, least: number): Promise<void> {
    await this.keepCount(
      userId,
      this.readLatest(userId).then((nth) => Math.max(nth, least)),
    );
  }

  private keepCount(userId: UserId, counted: Promise<number>): Promise<number> {
    this.latest.set(userId, counted);
    counted.catch(() => this.latest.delete(userId));
    return counted;
  }

  private async readLatest(userId: UserId): Promise<number> {
    const newest = await this.documents.findOne(
      { user: String(userId) },
      { ...READ, sort: { id: -1 }, projection: { nth: 1 } },
    );
    return newest?.nth ?? -1;
  }
}

/**
 * Not every server stops reading once it has as many as were asked for: some read all that fits, and sort then. So for a
 * page it is asked for the last hours first, then for the last days, and for all if those had too few.
 */
const HOURS = [8, 128];
/** A page, and no download. */
const FEW = 100;

function windowsBefore(before: string | undefined): string[] {
  const end = before === undefined ? Date.now() : timeOfId(before);
  return end === null ? [] : HOURS.map((hours) => firstIdAt(Math.max(0, end - hours * 3_600_000)));
}

const idsBetween = (after: string | undefined, before: string | undefined) =>
  after === undefined && before === undefined
    ? {}
    : { id: { ...(after !== undefined && { $gt: after }), ...(before !== undefined && { $lt: before }) } };
