import { withRequest } from '../../lib/account/recovery';
import { update } from '../../lib/core/update';
import { mongoAccounts, mongoAudit } from '../../lib/mongo';
import { sealContact } from '../../lib/notices/contacts';
import { aProcess, world } from '../audit/cast';
import { ada } from '../audit/records';
import { aRequest } from '../recovery/a-request';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase, mongoUrl } from '../support/servers';
import { cli } from './cli';

describeIf('mongo', 'The command line, on MongoDB,', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  const envOf = (keys: string) => {
    const url = new URL(mongoUrl());
    url.pathname = `/${database.name}`;
    return { MONGODB_URI: url.href, TWO_FACTOR_KEY: keys };
  };

  it.each([
    ['where they are by default', {}, {}, ''],
    [
      'in collections of the app’s',
      { collection: 'own_accounts' },
      { collection: 'own_audit' },
      ' --accounts-collection own_accounts --audit-collection own_audit',
    ],
  ])('verifies accounts and audit %s', async (_where, accounts, audit, options) => {
    const here = world({
      stored: mongoAccounts(database.connection, accounts),
      audit: mongoAudit(database.connection, audit),
    });
    const { act, forget, office, scope } = aProcess(here);
    await office.close();
    await act();
    await forget();
    here.clock.move(1);
    await act();
    const env = envOf(`${'22'.repeat(32)}, ${here.keys[0]}`);
    expect(await cli(`audit --verify${options}`, { env })).toEqual({
      code: 0,
      out: 'The audit is whole: 3 records of 1 user.\n',
      err: '',
    });
    const { collection = 'second_factor_audit' } = audit as { collection?: string };
    await database.connection.collection(collection).updateOne({ seq: 1 }, { $set: { reason: 'another' } });
    expect((await cli(`audit --verify${options}`, { env })).code).toBe(1);
    expect((await cli(`status ada${options}`, { env })).out).toContain('1 record, 1 on the way');
    const address = sealContact(ada, 'ada@example.com', scope.seal);
    const contact = { channel: 'email', address, hint: 'a•••@e•••.com', onFile: true } as const;
    await update<void>(scope, ada, (account) => ({
      account: withRequest(account, aRequest('in_review', { reference: 'RA-BCDFGHJKLM', contact })),
      outcome: undefined,
    }));
    expect(await cli(`requests${options}`, { env })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^RA-BCDFGHJKLM {2}ada {2}in_review {2}short {2}- {2}-\n$/),
    });
  });
});
