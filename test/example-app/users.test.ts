import { mongoUsers } from '../../example-app/mongo-users';
import { memoryUsers, type StoredUser, type Users } from '../../example-app/users';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';

const anna: StoredUser = {
  id: 'user-anna',
  username: 'anna',
  email: 'anna@example.com',
  isAdmin: false,
  passwordHash: 'hash-1',
};

function behavesLikeUsers(open: () => Promise<Users>): void {
  let users: Users;
  beforeEach(async () => {
    users = await open();
  });

  it('finds a user by id, without the hash', async () => {
    await users.add(anna);
    const { passwordHash: _, ...withoutHash } = anna;
    expect(await users.findById('user-anna')).toEqual(withoutHash);
    expect(await users.findById('user-bob')).toBeUndefined();
  });

  it('finds a user by name in any case and with spaces around, with the hash', async () => {
    await users.add(anna);
    expect(await users.findByUsername(' Anna ')).toEqual(anna);
    expect(await users.findByUsername('ann')).toBeUndefined();
    expect(await users.findByUsername('.*')).toBeUndefined();
    expect(await users.findByUsername('')).toBeUndefined();
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

  it('gives one name to one user only', async () => {
    const users = await mongoUsers(database.connection);
    await users.add(anna);
    expect(await users.add({ ...anna, id: 'user-other' })).toBe(false);
    expect(await users.findById('user-other')).toBeUndefined();
  });
});
