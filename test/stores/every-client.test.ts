import Redis from 'ioredis';
import Redis5 from 'ioredis5';
import { pendingContract } from '../contracts/pending.contract';
import { isExhaustive, share } from '../support/exhaustive';
import { mongoose8 } from '../support/mongoose8';
import { describeIf } from '../support/needs';
import { redisUrl } from '../support/servers';
import { accountsBy, activityBy, auditBy } from './on-mongoose';
import { redisSubject } from './redis-subject';

const clients = [
  ['ioredis 5', () => new Redis5(redisUrl())],
  ['ioredis 5 with numbers as text', () => new Redis5(redisUrl(), { stringNumbers: true })],
  ['ioredis 6 with numbers as text', () => new Redis(redisUrl(), { stringNumbers: true })],
  ['ioredis 6 with automatic pipelines', () => new Redis(redisUrl(), { enableAutoPipelining: true })],
] as const;

describeIf('redis', 'redisPending by another client than the usual one', () => {
  for (const [version, open] of share(clients, ([name]) => name === 'ioredis 5')) {
    describe(version, () => {
      let client: Redis | Redis5;
      beforeAll(() => {
        client = open();
      });
      afterAll(() => client.disconnect());
      pendingContract('redisPending', async () => redisSubject(client));
    });
  }
});

if (isExhaustive)
  describeIf('mongo', 'stores by Mongoose 8', () => {
    const connect = mongoose8.createConnection.bind(mongoose8);
    // The races are the server's matter.
    accountsBy(connect, { rounds: 2 });
    activityBy(connect);
    auditBy(connect);
  });
