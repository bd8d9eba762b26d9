import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import Redis, { Cluster } from 'ioredis';
import Redis5 from 'ioredis5';
import { redisPending } from '../../lib/redis';
import { describeIf } from '../support/needs';
import { REDIS_OPTIONS, startRedis, startRedisCluster, type OwnServer } from '../support/servers';
import { until } from '../support/within';

const EVICTION = 'SECOND_FACTOR_REDIS_EVICTION';
const REPLICA = 'SECOND_FACTOR_REDIS_REPLICA';
type Client = Redis | Redis5 | Cluster;

describeIf('redis', 'A Redis that may forget budgets and locks', () => {
  let redis: OwnServer;
  let admin: Redis;
  const opened: Client[] = [];
  let warned: { message: unknown; type?: string; code?: string }[];

  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });
  beforeEach(() => {
    warned = [];
    jest
      .spyOn(process, 'emitWarning')
      .mockImplementation((message, options) => void warned.push({ message, ...(options as object) }));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const client of opened.splice(0)) client.disconnect();
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
  });

  function open<C extends Client>(client: C): C {
    opened.push(client);
    const emitter: EventEmitter = client;
    emitter.on('error', () => undefined);
    redisPending(client);
    return client;
  }
  /** Until all that was asked before is answered. */
  const answered = async (client: Client): Promise<void> => {
    await until(10_000, 'the client to be ready', () => client.status === 'ready');
    for (let nth = 0; nth < 3; nth += 1) await client.ping();
    await turn();
  };
  const codes = () => warned.map(({ code }) => code);

  it.each([
    ['ioredis 6', () => new Redis(redis.url, REDIS_OPTIONS), 'allkeys-lru'],
    ['ioredis 6', () => new Redis(redis.url, REDIS_OPTIONS), 'volatile-ttl'],
    ['ioredis 6, RESP2', () => new Redis(redis.url, { protocol: 2 }), 'allkeys-random'],
    ['ioredis 6, a prefix', () => new Redis(redis.url, { keyPrefix: 'app:' }), 'allkeys-lru'],
    ['ioredis 6, pipelines', () => new Redis(redis.url, { enableAutoPipelining: true }), 'allkeys-lru'],
    [
      'ioredis 6, types of RESP3',
      () => new Redis(redis.url, { protocol: 3, replyMapping: 'resp3' }),
      'allkeys-lfu',
    ],
    ['ioredis 5', () => new Redis5(redis.url, REDIS_OPTIONS), 'volatile-lru'],
  ] as const)('is a warning at the start: it evicts, %s', async (_, make, policy) => {
    await admin.config('SET', 'maxmemory-policy', policy);
    await answered(open(make()));
    expect(warned).toEqual([
      {
        type: 'SecondFactorWarning',
        code: EVICTION,
        message: expect.stringContaining(policy),
        detail: expect.stringContaining('noeviction'),
      },
    ]);
  });

  it('is a warning: it is a replica', async () => {
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(redis.port)] });
    await answered(open(new Redis(replica.url)));
    expect(codes()).toEqual([REPLICA]);
    await replica.stop();
  });

  it('is a warning: one master of a Cluster evicts', async () => {
    const own = await startRedisCluster();
    const third = new Redis(own.servers[2]?.url ?? '');
    await third.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await answered(open(new Cluster([...own.nodes])));
    await until(10_000, 'the warning', () => warned.length > 0);
    expect(codes()).toEqual([EVICTION]);
    third.disconnect();
    await own.stop();
  }, 60_000);

  it('is none where nothing is forgotten', async () => {
    await answered(open(new Redis(redis.url)));
    expect(warned).toEqual([]);
  });

  it('is said once, however many stores are made over one client', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const client = open(new Redis(redis.url));
    await answered(client);
    for (let nth = 0; nth < 20; nth += 1) redisPending(client, { prefix: `2fa-${nth}:` });
    await answered(client);
    expect(codes()).toEqual([EVICTION]);
    expect(client.listenerCount('ready')).toBe(0);
  });

  it('is not asked for where INFO is forbidden, and all else works', async () => {
    await admin.acl('SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-info');
    const options = { ...REDIS_OPTIONS, username: 'app', password: 'secret', enableReadyCheck: false };
    const client = open(new Redis(redis.url, options));
    await answered(client);
    const pending = redisPending(client);
    expect(await pending.setups.put('forbidden', 'value', 1_000)).toBe('value');
    await pending.setups.remove('forbidden');
    expect(warned).toEqual([]);
  });

  it('connects no client that the app has not connected', async () => {
    const client = open(new Redis(redis.url, { lazyConnect: true }));
    await turn();
    expect(client.status).toBe('wait');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.connect();
    await answered(client);
    expect(codes()).toEqual([EVICTION]);
  });
});
