import { mongoOutbox } from '../../example-app/mongo-outbox';
import {
  memoryOutbox,
  OUTBOX_LIMIT,
  toOutbox,
  type Outbox,
  type OutboxMessage,
} from '../../example-app/outbox';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';

// Of today: MongoDB forgets older ones by itself, whenever it gets round to it.
const start = Date.now() - 3_600_000;

const mail = (seconds: number): OutboxMessage => ({
  at: new Date(start + seconds * 1_000),
  channel: 'email',
  to: 'anna@example.com',
  subject: 'Your code',
  text: 'Your code is 123456',
});
const sms = (seconds: number): OutboxMessage => ({
  at: new Date(start + seconds * 1_000),
  channel: 'sms',
  to: '+420777123456',
  text: 'Your code is 654321',
});

function behavesLikeAnOutbox(open: () => Promise<Outbox>): void {
  it('is empty at first', async () => {
    expect(await (await open()).list()).toEqual([]);
  });

  it('lists the newest first, complete', async () => {
    const outbox = await open();
    await outbox.add(mail(1));
    await outbox.add(sms(2));
    expect(await outbox.list()).toEqual([sms(2), mail(1)]);
  });

  it('takes what is sent, without the HTML of a mail', async () => {
    const outbox = await open();
    const send = toOutbox(outbox);
    const { signal } = new AbortController();
    const before = Date.now();
    await send({ channel: 'sms', to: '+420777123456', text: 'One' }, signal);
    const post = { channel: 'email', to: 'anna@example.com', subject: 'Code', text: 'Two' } as const;
    await send({ ...post, html: '<p>Two</p>' }, signal);
    const listed = await outbox.list();
    expect(listed.map(({ at: _, ...message }) => message)).toEqual([
      post,
      { channel: 'sms', to: '+420777123456', text: 'One' },
    ]);
    for (const { at } of listed) expect(at.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('lists no more than fit on a page', async () => {
    const outbox = await open();
    for (let second = 0; second <= OUTBOX_LIMIT; second += 1) await outbox.add(mail(second));
    const listed = await outbox.list();
    expect(listed).toHaveLength(OUTBOX_LIMIT);
    expect(listed[0]).toEqual(mail(OUTBOX_LIMIT));
  });
}

describe('an outbox in memory', () => {
  behavesLikeAnOutbox(() => Promise.resolve(memoryOutbox()));
});

describeIf('mongo', 'an outbox in MongoDB', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  behavesLikeAnOutbox(() => mongoOutbox(database.connection));

  it('is kept in a collection with outbox in its name, and expires', async () => {
    await (await mongoOutbox(database.connection)).add(mail(1));
    const collections = await database.connection.listCollections();
    const [name] = collections.map((collection) => collection.name).filter((each) => each.includes('outbox'));
    if (name === undefined) throw new Error('there is no collection with outbox in its name');
    const indexes = await database.connection.collection(name).listIndexes().toArray();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 86_400 }));
  });
});
