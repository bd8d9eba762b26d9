import type { Connection, createConnection } from 'mongoose';
import { mongoAccounts, mongoActivity, mongoAudit } from '../../lib/mongo';
import { accountsContract, type AccountsContractOptions } from '../contracts/accounts.contract';
import { activityContract } from '../contracts/activity.contract';
import { auditContract } from '../contracts/audit.contract';
import { freshDatabase, type FreshDatabase, mongoUrl } from '../support/servers';

type Connect = typeof createConnection;

interface Stored {
  readonly _id: string;
  readonly until: Date;
}

/** What every account store must do, by connections of one Mongoose. */
export function accountsBy(connect: Connect, options?: AccountsContractOptions): void {
  const opened = openedBy(connect);
  accountsContract(
    'mongoAccounts',
    async () => ({
      accounts: mongoAccounts(opened.connection(), { collection: opened.newName('accounts') }),
      close: async () => undefined,
    }),
    options,
  );
}

/** What every audit store must do. */
export function auditBy(connect: Connect): void {
  const opened = openedBy(connect);
  auditContract('mongoAudit', async () => ({
    audit: mongoAudit(opened.connection(), { collection: opened.newName('audit') }),
    close: async () => undefined,
  }));
}

/** What every store of activity must do. */
export function activityBy(connect: Connect): void {
  const opened = openedBy(connect);
  activityContract('mongoActivity', async () => {
    const collection = opened.newName('activity');
    const stored = opened.database().connection.collection<Stored>(collection);
    return {
      activity: mongoActivity(opened.connection(), { collection }),
      // Only the server knows its own time.
      pass: async (ms) => {
        for (const { _id, until } of await stored.find().toArray())
          await stored.updateOne({ _id }, { $set: { until: new Date(until.getTime() - ms) } });
      },
      close: async () => undefined,
    };
  });
}

/** A database for the tests of a `describe`, each of which has a collection of its own. */
function openedBy(connect: Connect) {
  let database: FreshDatabase;
  let connection: Connection;
  let collections = 0;
  beforeAll(async () => {
    database = await freshDatabase();
    connection = await connect(mongoUrl(), { dbName: database.name }).asPromise();
  });
  afterAll(async () => {
    await connection.close();
    await database.close();
  });
  return {
    connection: () => connection,
    database: () => database,
    newName: (what: string) => `${what}_${(collections += 1)}`,
  };
}
