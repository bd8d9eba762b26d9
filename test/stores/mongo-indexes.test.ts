import type { Connection } from 'mongoose';
import { mongoAccounts } from '../../lib/mongo';
import { anAccount, userId } from '../contracts/accounts.contract';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';

const COLLECTION = 'second_factor_accounts';

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
    expect(made).toHaveLength(2);
    expect(await indexes()).toEqual(
      expect.arrayContaining([
        onId,
        index('second_factor_credential', 'factors.credentialId', true),
        index('second_factor_handle', 'handle', true),
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
    expect(await indexes()).toHaveLength(3);
  });

  it('are tried again by the next use when making them failed', async () => {
    const { connection, refuse } = counting(database.connection);
    refuse(Object.assign(new Error('not authorised, says the server'), { code: 13 }));
    const accounts = mongoAccounts(connection);
    await expect(accounts.load(userId('ada'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(accounts.prepare()).rejects.toMatchObject({ code: 'unavailable' });
    refuse(null);
    expect(await accounts.load(userId('ada'))).toBeNull();
    expect(await indexes()).toHaveLength(3);
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
