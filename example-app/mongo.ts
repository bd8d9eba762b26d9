import { createConnection, type Connection } from 'mongoose';
import { mongoAccounts, mongoActivity, mongoAudit } from 'express-second-factor/mongo';
import { reasonOf, withDeadline } from './deadline';
import { DemoClock, memoryAhead } from './demo-clock';
import { StartError } from './errors';
import { mongoAhead } from './mongo-ahead';
import { mongoOutbox } from './mongo-outbox';
import { mongoUsers } from './mongo-users';
import { placeOf } from './place-of';
import type { LastingStores } from './stores';
import { watchConnection } from './watch-connection';

const CONNECT_LIMIT = 8_000;
/** Creating indexes may have to wait for other processes that do the same. */
const PREPARE_LIMIT = 15_000;

/** What must outlive a restart, in MongoDB. */
export async function openMongo(uri: string, production: boolean): Promise<LastingStores> {
  const connection = createConnection(uri, {
    // A call while MongoDB is away fails at once instead of waiting in Mongoose's own queue.
    bufferCommands: false,
    serverSelectionTimeoutMS: 2_000,
    connectTimeoutMS: 2_000,
    waitQueueTimeoutMS: 2_000,
    // Frees the connections that a frozen server holds; callers have long been answered by then.
    socketTimeoutMS: 10_000,
  });
  connection.on('error', () => undefined);
  try {
    await withDeadline('MongoDB', () => connection.asPromise(), CONNECT_LIMIT);
    const stores = await withDeadline('MongoDB', () => prepare(connection), PREPARE_LIMIT);
    // Nothing of it in production: the database of a demo may be ahead.
    const clock = new DemoClock(production ? memoryAhead() : await mongoAhead(connection));
    await clock.refresh();
    if (!production) clock.follow();
    const unwatch = watchConnection('MongoDB', connection, { lost: 'disconnected', back: 'connected' });
    const close = (): Promise<void> => {
      unwatch();
      clock.close();
      return connection.close();
    };
    return { ...stores, clock, close };
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw new StartError(
      `${placeOf('MongoDB', uri)} can't be used: ${reasonOf(error)}. Start it, or unset MONGODB_URI.`,
    );
  }
}

async function prepare(connection: Connection): Promise<Omit<LastingStores, 'clock' | 'close'>> {
  const accounts = mongoAccounts(connection);
  const activity = mongoActivity(connection);
  const audit = mongoAudit(connection);
  const [users, outbox] = await Promise.all([
    mongoUsers(connection),
    mongoOutbox(connection),
    accounts.prepare(),
    activity.prepare(),
    audit.prepare(),
  ]);
  return { users, outbox, accounts, activity, audit };
}
