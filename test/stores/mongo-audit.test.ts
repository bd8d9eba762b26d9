import { createConnection } from 'mongoose';
import { mongoAudit } from '../../lib/mongo';
import { recordsOf } from '../audit/records';
import { describeIf } from '../support/needs';
import { auditBy } from './on-mongoose';

describeIf('mongo', 'mongoAudit', () => {
  auditBy(createConnection);

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
