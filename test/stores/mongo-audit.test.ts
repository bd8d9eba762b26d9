import { createConnection, type Connection } from 'mongoose';
import { mongoAudit } from '../../lib/mongo';
import { recordsOf } from '../audit/records';
import { auditContract } from '../contracts/audit.contract';
import { mongoose8 } from '../support/mongoose8';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase, mongoUrl } from '../support/servers';

describeIf('mongo', 'mongoAudit', () => {
  for (const [version, connect] of [
    ['mongoose 9', createConnection],
    ['mongoose 8', mongoose8.createConnection.bind(mongoose8)],
  ] as const) {
    describe(version, () => {
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
      auditContract('mongoAudit', async () => {
        collections += 1;
        const audit = mongoAudit(connection, { collection: `audit_${collections}` });
        return { audit, close: async () => undefined };
      });
    });
  }

  it('says unavailable, and nothing of the driver, while the server is away', async () => {
    const away = createConnection('mongodb://127.0.0.1:9/', {
      serverSelectionTimeoutMS: 100,
      bufferCommands: false,
    });
    await away.asPromise().catch(() => undefined);
    await expect(mongoAudit(away).append(recordsOf(1))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The audit store did not answer.',
    });
    await away.close();
  });
});
