import { createConnection, type Connection } from 'mongoose';
import { mongoAccounts, mongoActivity, mongoAudit } from 'express-second-factor/mongo';
import { reasonOf, withDeadline } from './deadline';
import { StartError } from './errors';
import { mongoOutbox } from './mongo-outbox';
import { mongoUsers } from './mongo-users';
import { placeOf } from './place-of';
import type { LastingStores } from './stores';
import { watchConnection } from './watch-connection';

const CONNECT_LIMIT = 8_000;
/** Creating indexes may have to wait for other processes that do the same. */
const PREPARE_LIMIT = 15_000;

/** What must outlive a restart, in MongoDB. */
export async function openMongo(uri: string): Promise<LastingStores> {
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
    const unwatch = watchConnection('MongoDB', connection, { lost: 'disconnected', back: 'connected' });
    const close = (): Promise<void> => {
      unwatch();
      return connection.close();
    };
    return { ...stores, close };
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw new StartError(
      `${placeOf('MongoDB', uri)} can't be used: ${reasonOf(error)}. Start it, or unset MONGODB_URI.`,
    );
  }
}

async function prepare(connection: Connection): Promise<Omit<LastingStores, 'close'>> {
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
