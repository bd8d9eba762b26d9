import { mongoOutbox } from '../../example-app/mongo-outbox';
import { mongoUsers } from '../../example-app/mongo-users';
import {
  memoryOutbox,
  type Outbox,
  OUTBOX_LIMIT,
  type OutboxMessage,
  toOutbox,
} from '../../example-app/outbox';
import { memoryUsers, toUser, type NewUser, type User, type Users } from '../../example-app/users';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';

const anna: NewUser = {
  id: 'user-anna',
  username: 'anna',
  email: 'anna@example.com',
  phone: null,
  role: 'customer',
  customer: 'WA-1',
  passwordHash: 'hash-1',
};

function behavesLikeUsers(open: () => Promise<Users>): void {
  let users: Users;
  beforeEach(async () => {
    users = await open();
  });

  it('finds a user by id, without the hash', async () => {
    await users.add(anna);
    expect(await users.findById('user-anna')).toEqual(toUser(anna));
    expect(await users.findById('user-anna')).not.toHaveProperty('passwordHash');
    expect(await users.findById('user-bob')).toBeUndefined();
  });

  it('finds a user by name in any case and with spaces around, with the hash', async () => {
    await users.add(anna);
    expect(await users.findByUsername(' Anna ')).toEqual({ ...anna, isAdmin: false });
    expect(await users.findByUsername('ann')).toBeUndefined();
    expect(await users.findByUsername('.*')).toBeUndefined();
    expect(await users.findByUsername('')).toBeUndefined();
  });

  const bob: NewUser = {
    ...anna,
    id: 'user-bob',
    username: 'bob',
    email: 'bob.b@example.com',
    phone: '+420777123456',
  };
  const eva: NewUser = {
    ...anna,
    id: 'user-eva',
    username: 'eva',
    email: 'šárka@example.org',
    customer: 'WA-2',
  };
  const staff: NewUser = {
    ...anna,
    id: 'user-root',
    username: 'root',
    email: 'root@x.test',
    role: 'admin',
    customer: null,
  };
  const addAll = () => Promise.all([eva, staff, bob, anna].map((user) => users.add(user)));
  const namesIn = (found: readonly User[]): string[] => found.map(({ username }) => username);

  it('finds a user by name or address in any case', async () => {
    await addAll();
    for (const text of ['bob', ' BOB ', 'bob.b@example.com', 'Bob.B@Example.com '])
      expect(await users.findByIdentifier(text)).toEqual(toUser(bob));
    for (const text of ['', 'bo', 'bobxb@example.com', 'bob@example.com', 'example.com', '.*', '\0'])
      expect(await users.findByIdentifier(text)).toBeUndefined();
  });

  it('finds nobody by an address that two have, and a name before an address', async () => {
    await addAll();
    await users.add({ ...bob, id: 'user-twin', username: 'twin' });
    expect(await users.findByIdentifier(bob.email)).toBeUndefined();
    await users.add({ ...anna, id: 'user-like', username: bob.email, email: 'like@example.com' });
    expect((await users.findByIdentifier(bob.email))?.id).toBe('user-like');
  });

  it.each([
    ['', ['anna', 'bob', 'eva', 'root']],
    ['B', ['bob']],
    ['@EXAMPLE.', ['anna', 'bob', 'eva']],
    ['ŠÁR', ['eva']],
    ['b.b', ['bob']],
    ['a.', []],
    ['.*', []],
    ['a|b', []],
    ['^', []],
    ['[a-z]', []],
    ['\\', []],
    ['(', []],
    [' ', []],
    ['\0', []],
    ['n'.repeat(2_000), []],
  ])('searches for the text %j itself', async (text, expected) => {
    await addAll();
    expect(namesIn(await users.search(text, { limit: 10 }))).toEqual(expected);
  });

  it('gives page after page of what it finds, without the hash', async () => {
    await addAll();
    expect(await users.search('', { limit: 2 })).toEqual([toUser(anna), toUser(bob)]);
    expect(namesIn(await users.search('', { limit: 2, after: 'bob' }))).toEqual(['eva', 'root']);
    expect(namesIn(await users.search('@example', { limit: 2, after: 'eva' }))).toEqual([]);
  });

  it('knows who belongs to the same customer; the staff is of none', async () => {
    await addAll();
    await users.add({ ...staff, id: 'user-other', username: 'other' });
    expect(await users.peersOf(anna)).toEqual([toUser(bob)]);
    expect(await users.peersOf(eva)).toEqual([]);
    expect(await users.peersOf(staff)).toEqual([]);
  });

  it('says of an administrator that they are one', async () => {
    await addAll();
    expect((await users.findById('user-root'))?.isAdmin).toBe(true);
    expect((await users.findById('user-anna'))?.isAdmin).toBe(false);
  });

  it('adds a user once, however many try', async () => {
    const added = await Promise.all(
      Array.from({ length: 8 }, (_, index) => users.add({ ...anna, passwordHash: `hash-${index}` })),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const winner = added.indexOf(true);
    expect((await users.findByUsername('anna'))?.passwordHash).toBe(`hash-${winner}`);
  });

  it('changes a password once, however many try, and only over the one they saw', async () => {
    await users.add(anna);
    const changed = await Promise.all(
      Array.from({ length: 8 }, (_, index) => users.replacePassword(anna.id, 'hash-1', `new-${index}`)),
    );
    expect(changed.filter(Boolean)).toHaveLength(1);
    expect((await users.findByUsername('anna'))?.passwordHash).toBe(`new-${changed.indexOf(true)}`);
    expect(await users.replacePassword(anna.id, 'hash-1', 'late')).toBe(false);
    expect(await users.replacePassword('user-bob', 'hash-1', 'late')).toBe(false);
  });
}

describe('users in memory', () => {
  behavesLikeUsers(() => Promise.resolve(memoryUsers()));
});

describeIf('mongo', 'users in MongoDB', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  behavesLikeUsers(() => mongoUsers(database.connection));

  it('takes a user from before there were roles for a customer', async () => {
    const users = await mongoUsers(database.connection);
    const old = { username: 'old', email: 'old@example.com', isAdmin: true, passwordHash: 'hash' };
    await database.connection.collection<{ _id: string }>('users').insertOne({ _id: 'user-old', ...old });
    const about = { role: 'customer', customer: null, phone: null, isAdmin: false };
    expect(await users.findById('user-old')).toMatchObject(about);
  });

  it('gives one name to one user only', async () => {
    const users = await mongoUsers(database.connection);
    await users.add(anna);
    expect(await users.add({ ...anna, id: 'user-other' })).toBe(false);
    expect(await users.findById('user-other')).toBeUndefined();
  });
});

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
    const send = toOutbox(outbox, () => start);
    const { signal } = new AbortController();
    await send({ channel: 'sms', to: '+420777123456', text: 'One' }, signal);
    const post = { channel: 'email', to: 'anna@example.com', subject: 'Code', text: 'Two' } as const;
    await send({ ...post, html: '<p>Two</p>' }, signal);
    const listed = await outbox.list();
    expect(listed.map(({ at: _, ...message }) => message)).toEqual([
      post,
      { channel: 'sms', to: '+420777123456', text: 'One' },
    ]);
    for (const { at } of listed) expect(at).toEqual(new Date(start));
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
