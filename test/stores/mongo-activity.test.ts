import { createConnection, type Connection } from 'mongoose';
import { type MongoActivity, mongoActivity } from '../../lib/mongo';
import { type ActivityEntry, MOST_ENTRIES } from '../../lib/stores/activity';
import { anEntry, manyEntries } from '../contracts/activity.contract';
import { userId } from '../contracts/accounts.contract';
import { describeIf } from '../support/needs';
import { intercepted } from '../support/override';
import { freshDatabase, type FreshDatabase } from '../support/servers';
import { activityBy } from './on-mongoose';

interface Stored {
  readonly _id: string;
  readonly until: Date;
}

describeIf('mongo', 'mongoActivity by Mongoose 9', () => activityBy(createConnection));

describeIf('mongo', 'mongoActivity', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  const stored = () => database.connection.collection<Stored>('second_factor_activity');

  it('lets the server delete each entry when its time is over, whatever the app’s clock says', async () => {
    const activity = mongoActivity(database.connection, { keep: '7d' });
    const before = Date.now();
    await activity.append(anEntry({ at: -500_000 }));
    const [entry] = await stored().find().toArray();
    const left = (entry?.until.getTime() ?? 0) - before;
    expect(left).toBeGreaterThanOrEqual(7 * 86_400_000);
    expect(left).toBeLessThan(7 * 86_400_000 + 60_000);
    const indexes = await stored().indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { until: 1 }, expireAfterSeconds: 0 }));
    expect(indexes).toContainEqual(expect.objectContaining({ key: { user: 1, id: -1 }, unique: true }));
  });

  it('costs one write an entry, and a read for the first of a user', async () => {
    const calls: string[] = [];
    const counting = {
      collection: (name: string) =>
        intercepted(database.connection.collection(name), (call, method) => {
          calls.push(method);
          return call();
        }),
    } as unknown as Connection;
    const activity = mongoActivity(counting);
    await activity.prepare();
    calls.length = 0;
    for (const entry of manyEntries(5)) await activity.append(entry);
    expect(calls).toEqual(['findOne', ...Array<string>(5).fill('replaceOne')]);
  });

  it('never holds more than 1 000 of a user, with several processes writing at once', async () => {
    const [first, ...others] = Array.from({ length: 3 }, () => mongoActivity(database.connection));
    const entries = manyEntries(MOST_ENTRIES + 30);
    const append = (some: readonly ActivityEntry[], by: readonly (MongoActivity | undefined)[]) =>
      Promise.all(some.map(async (entry, nth) => by[nth % by.length]?.append(entry)));
    for (let at = 0; at < MOST_ENTRIES; at += 50) await append(entries.slice(at, at + 50), [first]);
    for (let at = MOST_ENTRIES; at < entries.length; at += 6)
      await append(entries.slice(at, at + 6), [first, ...others]);
    expect(await stored().countDocuments()).toBe(MOST_ENTRIES);
    const kept = await first?.list(userId('ada'), { limit: 5_000 });
    expect(kept?.map(({ id }) => id)).toEqual(
      entries
        .slice(30)
        .map(({ id }) => id)
        .toReversed(),
    );
  }, 60_000);

  it('counts on from what another process has written', async () => {
    const [one, other] = [mongoActivity(database.connection), mongoActivity(database.connection)];
    await one.append(anEntry({ at: 1 }));
    for (const at of [2, 3, 4]) await other.append(anEntry({ at }));
    await one.append(anEntry({ at: 5 }));
    expect(await one.list(userId('ada'), { limit: 9 })).toHaveLength(5);
  });

  it('says unavailable, and nothing of the driver, while the server is away', async () => {
    const away = createConnection('mongodb://127.0.0.1:9/', {
      serverSelectionTimeoutMS: 100,
      bufferCommands: false,
    });
    await away.asPromise().catch(() => undefined);
    await expect(mongoActivity(away).append(anEntry({ at: 1 }))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The activity store did not answer.',
    });
    await away.close();
  });
});
