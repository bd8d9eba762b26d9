import { inspect } from 'node:util';
import { type Connection, type ConnectOptions, createConnection, mongo } from 'mongoose';
import type { Rev, UserId } from '../../lib/account/account';
import { mongoAccounts } from '../../lib/mongo';
import { anAccount, next, userId } from '../contracts/accounts.contract';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase, mongoUrl } from '../support/servers';
import { signing } from '../support/signing';
import { accountsBy } from './on-mongoose';

const COLLECTION = 'second_factor_accounts';

describeIf('mongo', 'mongoAccounts by Mongoose 9', () => accountsBy(createConnection));

describeIf('mongo', 'mongoAccounts', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()));
    await database.close();
  });

  const opened: Connection[] = [];
  /** Another connection to the same database. */
  const connect = (options: ConnectOptions = {}, url = mongoUrl()): Promise<Connection> => {
    const connection = createConnection(url, { dbName: database.name, ...options });
    opened.push(connection);
    return connection.asPromise();
  };

  const stored = () => database.connection.collection<{ _id: string }>(COLLECTION);

  it('stores one document a user: the account, its user as _id, and the version of the schema', async () => {
    const { userId: id, ...fields } = anAccount(userId('ada'));
    await mongoAccounts(database.connection).save({ userId: id, ...fields }, null);
    expect(await stored().find().toArray()).toEqual([{ ...fields, _id: 'ada', schema: 1 }]);
  });

  it('makes no model, so that neither plugins nor an open transaction of the app reach it', async () => {
    await mongoAccounts(database.connection).load(userId('ada'));
    expect(database.connection.modelNames()).toEqual([]);
  });

  it('refuses an account that a newer version saved, and leaves it as it is', async () => {
    const accounts = mongoAccounts(database.connection);
    const account = { ...anAccount(userId('ada')), handle: 'handle' };
    await accounts.save(account, null);
    await stored().updateOne({ _id: 'ada' }, { $set: { schema: 2 } });
    for (const call of [() => accounts.load(account.userId), () => accounts.findByHandle('handle')]) {
      await expect(call()).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('newer version') as string,
        help: expect.stringContaining('Update') as string,
      });
    }
    expect(await stored().findOne({ _id: 'ada' })).toMatchObject({ schema: 2, rev: account.rev });
  });

  it('goes on past such an account, which its MAC does not fit', async () => {
    const accounts = signing(mongoAccounts(database.connection));
    for (const id of ['ada', 'bob', 'cyd']) await accounts.save(anAccount(userId(id)), null);
    await stored().updateOne({ _id: 'bob' }, { $set: { schema: 2 } });
    const walked: unknown[] = [];
    for await (const one of accounts.inspect()) walked.push([one.account.userId, one.authenticity]);
    expect(walked).toEqual([
      ['ada', 'genuine'],
      ['bob', 'changed'],
      ['cyd', 'genuine'],
    ]);
  });

  it.each([
    ['no version', { $unset: { schema: 1 } }],
    ['a version that is text', { $set: { schema: '1' } }],
    ['version 0', { $set: { schema: 0 } }],
    ['no factors', { $unset: { factors: 1 } }],
    ['factors that are no list', { $set: { factors: {} } }],
    ['no lanes', { $set: { lanes: null } }],
    ['an epoch that is text', { $set: { epoch: '5' } }],
    ['no rev', { $unset: { rev: 1 } }],
  ])('refuses a damaged account rather than reading it as one without factors: %s', async (_, damage) => {
    const accounts = signing(mongoAccounts(database.connection));
    await accounts.save({ ...anAccount(userId('ada')), handle: 'handle' }, null);
    await stored().updateOne({ _id: 'ada' }, damage as object);
    for (const call of [() => accounts.load(userId('ada')), () => accounts.findByHandle('handle')]) {
      await expect(call()).rejects.toMatchObject({
        code: 'unavailable',
        message: 'A stored account is not as it was saved.',
      });
    }
  });

  it('takes no object for a user id, rev or handle, so that nothing can act as an operator', async () => {
    const accounts = mongoAccounts(database.connection);
    const account = { ...anAccount(userId('ada')), handle: 'handle' };
    await accounts.save(account, null);
    for (const odd of [{ $ne: null }, { $gt: '' }, { $exists: true }, /./, { $where: 'true' }] as unknown[]) {
      expect(await accounts.load(odd as UserId)).toBeNull();
      expect(await accounts.findByHandle(odd as string)).toBeNull();
      expect(await accounts.save(next(account), odd as Rev)).toBe(false);
      await accounts.remove(odd as UserId);
      expect(await accounts.load(account.userId)).toEqual(account);
    }
  });

  it('has one account a security key and user handle, and any number without', async () => {
    const accounts = mongoAccounts(database.connection);
    const withKey = (id: string, credentialId: string) => {
      const account = anAccount(userId(id));
      return { ...account, factors: [...account.factors, { type: 'webauthn', credentialId } as never] };
    };
    for (const id of ['a', 'b']) expect(await accounts.save(anAccount(userId(id)), null)).toBe(true);
    for (const id of ['c', 'd']) expect(await accounts.save(withKey(id, `key of ${id}`), null)).toBe(true);

    const refused = { code: 'duplicate', status: 409 };
    await expect(accounts.save(withKey('e', 'key of c'), null)).rejects.toMatchObject(refused);
    expect(await accounts.load(userId('e'))).toBeNull();
    const withHandle = (id: string) => ({ ...anAccount(userId(id)), handle: 'handle' });
    await accounts.save(withHandle('f'), null);
    await expect(accounts.save(withHandle('g'), null)).rejects.toMatchObject(refused);
    const over = await accounts.load(userId('a'));
    await expect(accounts.save(withHandle('a'), over?.rev ?? null)).rejects.toMatchObject(refused);
    expect(await accounts.load(userId('a'))).toEqual(over);
  });

  it('asks for what it needs, whatever the address of the server says', async () => {
    const careless = 'w=0&journal=false&readPreference=secondaryPreferred&readConcernLevel=local';
    const url = new URL(mongoUrl());
    const separator = url.search === '' ? '?' : '&';
    const connection = await connect(
      { monitorCommands: true },
      `${url.href}${url.pathname === '' ? '/' : ''}${separator}${careless}`,
    );
    const commands: Record<string, unknown>[] = [];
    connection.getClient().on('commandStarted', ({ command }) => commands.push(command as never));

    // A server that stands alone is not told the preference: so look at what the driver is told.
    const findOne = jest.spyOn(connection.collection(COLLECTION), 'findOne');
    const find = jest.spyOn(connection.collection(COLLECTION), 'find');

    const accounts = mongoAccounts(connection);
    const account = { ...anAccount(userId('ada')), handle: 'handle' };
    await accounts.save(account, null);
    await accounts.save({ ...account, rev: next(account).rev, epoch: 1_700_000_000_000 }, account.rev);
    expect((await accounts.load(account.userId))?.epoch).toBe(1_700_000_000_000);
    await accounts.findByHandle('handle');
    for await (const each of accounts.all()) expect(each.userId).toBe('ada');
    await accounts.remove(account.userId);

    const majority = { writeConcern: { w: 'majority', j: true, wtimeout: 10_000 } };
    for (const name of ['insert', 'update', 'delete']) {
      const found = commands.filter((command) => name in command);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject(majority);
    }
    const reads = commands.filter((command) => 'find' in command);
    expect(reads).toHaveLength(3);
    for (const read of reads) expect(read).toMatchObject({ readConcern: { level: 'majority' } });
    const asked = [...findOne.mock.calls, ...find.mock.calls].map(([, options]) => options);
    expect(asked).toHaveLength(3);
    for (const options of asked) expect(options).toMatchObject({ readPreference: 'primary' });
  });

  it.each<ConnectOptions>([{ promoteLongs: false }, { useBigInt64: true }])(
    'reads numbers as numbers, also where the connection says %j',
    async (options) => {
      const connection = await connect(options);
      const accounts = mongoAccounts(connection);
      const account = anAccount(userId('ada'));
      await accounts.save(account, null);
      // As a shell or an import may write it.
      const epoch = mongo.Long.fromNumber(1_700_000_000_000);
      await stored().updateOne({ _id: 'ada' }, { $set: { epoch } });
      expect(await accounts.load(account.userId)).toEqual({ ...account, epoch: 1_700_000_000_000 });
    },
  );

  it('reads and writes one document a call once its indexes are there', async () => {
    const connection = await connect({ monitorCommands: true });
    const accounts = mongoAccounts(connection);
    await accounts.prepare();
    const names: string[] = [];
    connection.getClient().on('commandStarted', ({ commandName }) => names.push(commandName));
    const account = anAccount(userId('ada'));
    await accounts.save(account, null);
    await accounts.load(account.userId);
    await accounts.save(next(account), account.rev);
    expect(names).toEqual(['insert', 'find', 'update']);
  });

  it('says nothing of the driver, the server or the account in its errors', async () => {
    const { connection } = database;
    const own = await connect();
    const accounts = mongoAccounts(own);
    await accounts.prepare();
    await own.close();
    const account = { ...anAccount(userId('ada@example.com')), note: 'a secret' };
    const outcomes = await Promise.allSettled([
      accounts.save(account, null),
      accounts.save(account, account.rev),
      accounts.load(account.userId),
      accounts.remove(account.userId),
      accounts.all()[Symbol.asyncIterator]().next(),
      mongoAccounts(own).load(account.userId),
    ]);
    for (const outcome of outcomes) {
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : null;
      expect(error).toMatchObject({ code: 'unavailable', message: 'The account store did not answer.' });
      const text = inspect(error, { depth: 9, showHidden: true });
      for (const secret of ['ada@', 'a secret', 'MongoError', 'ECONN', connection.host, COLLECTION]) {
        expect(text).not.toContain(secret);
      }
    }
  });
});

describeIf('mongo', 'the indexes of mongoAccounts', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  const indexes = async (): Promise<unknown[]> =>
    (await database.connection.collection(COLLECTION).indexes()).map(({ name, key, unique, sparse }) => ({
      name,
      key,
      unique,
      sparse,
    }));
  const onId = { name: '_id_', key: { _id: 1 } };
  const index = (name: string, field: string, unique?: true): object => ({
    name,
    key: { [field]: 1 },
    unique,
    sparse: true,
  });

  it('are made by the first use, once, and before the first account is stored', async () => {
    const { connection, made } = counting(database.connection);
    const accounts = mongoAccounts(connection);
    expect(made).toEqual([]);
    await Promise.all([accounts.load(userId('ada')), accounts.save(anAccount(userId('bob')), null)]);
    await accounts.prepare();
    expect(made).toHaveLength(7);
    expect(await indexes()).toEqual(
      expect.arrayContaining([
        onId,
        index('second_factor_credential', 'factors.credentialId', true),
        index('second_factor_handle', 'handle', true),
        index('second_factor_due', 'dueAt'),
        { name: 'second_factor_requests', key: { 'openRequest.dueAt': 1, _id: 1 } },
        {
          name: 'second_factor_requests_by_state',
          key: { 'openRequest.state': 1, 'openRequest.dueAt': 1, _id: 1 },
        },
        index('second_factor_references', 'recoveries.reference'),
        index('second_factor_request_states', 'recoveries.state'),
      ]),
    );
  });

  it('are not made anew by a second process', async () => {
    await mongoAccounts(database.connection).prepare();
    const { connection, made } = counting(database.connection);
    await mongoAccounts(connection).prepare();
    expect(made).toEqual([]);
  });

  it('can be made by two processes at once', async () => {
    await Promise.all([
      mongoAccounts(database.connection).prepare(),
      mongoAccounts(database.connection).prepare(),
    ]);
    expect(await indexes()).toHaveLength(8);
  });

  it('are tried again by the next use when making them failed', async () => {
    const { connection, refuse } = counting(database.connection);
    refuse(Object.assign(new Error('not authorised, says the server'), { code: 13 }));
    const accounts = mongoAccounts(connection);
    await expect(accounts.load(userId('ada'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(accounts.prepare()).rejects.toMatchObject({ code: 'unavailable' });
    refuse(null);
    expect(await accounts.load(userId('ada'))).toBeNull();
    expect(await indexes()).toHaveLength(8);
  });

  it('are not unique on a sharded collection, where they cannot be', async () => {
    const { connection, made, refuse } = counting(database.connection);
    refuse(
      Object.assign(
        new Error('cannot create unique index over { handle: 1.0 } with shard key pattern { _id: 1.0 }'),
        {
          code: 67,
        },
      ),
    );
    await mongoAccounts(connection).prepare();
    expect(await indexes()).toEqual(
      expect.arrayContaining([
        index('second_factor_credential_not_unique', 'factors.credentialId'),
        index('second_factor_handle_not_unique', 'handle'),
      ]),
    );
    made.length = 0;
    await mongoAccounts(connection).prepare();
    expect(made).toEqual([]);
  });

  it('must be unique anywhere else', async () => {
    const { connection, refuse } = counting(database.connection);
    refuse(Object.assign(new Error('too many indexes'), { code: 67 }));
    await expect(mongoAccounts(connection).prepare()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** The connection, but its collections tell of indexes being made, and refuse unique ones when told so. */
function counting(connection: Connection): {
  connection: Connection;
  made: string[];
  refuse(error: Error | null): void;
} {
  const made: string[] = [];
  let refusal: Error | null = null;
  const collection = (name: string): unknown => {
    const real = connection.collection(name);
    return new Proxy(real, {
      get(_, member) {
        if (member !== 'createIndex') {
          const value: unknown = Reflect.get(real, member);
          return typeof value === 'function'
            ? (...args: unknown[]): unknown => Reflect.apply(value, real, args)
            : value;
        }
        return async (key: never, options: { name: string; unique?: boolean }): Promise<unknown> => {
          made.push(options.name);
          if (refusal !== null && options.unique === true) throw refusal;
          return real.createIndex(key, options, {});
        };
      },
    });
  };
  return {
    connection: { collection } as unknown as Connection,
    made,
    refuse: (error) => {
      refusal = error;
    },
  };
}
