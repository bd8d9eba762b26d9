import Redis, { Cluster } from 'ioredis';
import { createConnection, type Connection } from 'mongoose';
import { countTryOfCode } from '../../lib/core/login-tries';
import type { Accounts, Pending } from '../../lib/stores/contracts';
import { within, type Stores } from '../../lib/stores/deadline';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { mongoAccounts } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { anAccount, next, userId } from '../contracts/accounts.contract';
import { aBudget, aCode, ADA, aLogin, BOB, loginKey, readLogin } from '../contracts/pending.contract';
import { describeIf } from '../support/needs';
import { startMongo, startRedis, startRedisCluster, type OwnServer } from '../support/servers';
import { until } from '../support/within';

const DEADLINE = 300;
/** Over the deadline, for a busy machine; far below what a driver takes to give up by itself. */
const SLACK = 1_500;
const LIFE = 60_000;

/** Fails unless the call is refused as unavailable, with a time to come back, and soon. */
async function expectDown(call: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await expect(call()).rejects.toMatchObject({ code: 'unavailable', status: 503 });
  expect(performance.now() - started).toBeLessThan(DEADLINE + SLACK);
}

const works = async (call: () => Promise<unknown>): Promise<boolean> =>
  call().then(
    () => true,
    () => false,
  );

/** A signal takes effect a moment after it was sent: until then the server still answers. */
async function freeze(server: OwnServer, ask: () => Promise<unknown>): Promise<void> {
  server.freeze();
  await until(5_000, 'the server to stand still', async () => !(await works(ask)));
}

describeIf('redis', 'redisPending, while Redis is down', () => {
  let server: OwnServer;
  // As an app that knows nothing of time-outs would make it: only our own deadline is left.
  let redis: Redis;
  let pending: Pending;
  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    pending = redisPending(redis);
    await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
  });
  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  const request = (): Pending => within(memoryAccounts(), pending, { ms: DEADLINE }).pending;
  const everyCall: ((store: Pending) => Promise<unknown>)[] = [
    (store) => readLogin(store, loginKey(1), ADA, LIFE),
    (store) => store.logins.write(loginKey(2), aLogin(), ADA, LIFE, loginKey(1)),
    (store) => store.logins.has(loginKey(1)),
    (store) => store.logins.remove(loginKey(1)),
    (store) => store.logins.list(ADA),
    (store) => store.epochs.raise(ADA, 5),
    (store) => store.epochs.suspend(ADA),
    (store) => store.tries.count('a', LIFE),
    (store) => store.tries.takeBack('a', LIFE),
    (store) => store.tries.read('a'),
    (store) => store.codes.put('a', aCode(), LIFE),
    (store) => countTryOfCode(store, 'a', LIFE, 'a'),
    (store) => store.codes.read('a'),
    (store) => store.codes.remove('a', aCode()),
    (store) => store.budgets.take([aBudget(), aBudget({ name: 'ip' })]),
    (store) => store.budgets.giveBack([aBudget()]),
    (store) => store.setups.put('a', 'value', LIFE),
    (store) => store.setups.get('a'),
    (store) => store.setups.remove('a'),
  ];

  it('is unavailable within the deadline when it is frozen, and works on when it is thawed', async () => {
    await freeze(server, () => request().logins.has(loginKey(1)));
    await Promise.all(everyCall.map((call) => expectDown(() => call(request()))));
    server.thaw();
    await until(5_000, 'Redis to answer again', () => works(() => request().logins.has(loginKey(1))));
    expect(await request().tries.count('b', LIFE)).toBe(1);
  });

  it('is unavailable within the deadline when it is killed, and heals when it is back, empty', async () => {
    await server.kill();
    await Promise.all(everyCall.map((call) => expectDown(() => call(request()))));
    await server.restart();
    await until(10_000, 'Redis to answer again', () => works(() => request().logins.has(loginKey(1))));
    expect(await request().logins.has(loginKey(1))).toBe(false);
    await request().epochs.raise(BOB, 7);
    expect(await request().epochs.read(BOB)).toBe(7);
  });

  it('is unavailable when Redis is full, and keeps nothing without an expiry', async () => {
    await redis.config('SET', 'maxmemory', '1');
    await expectDown(() => request().logins.write(loginKey(2), aLogin(), ADA, LIFE, null));
    await expectDown(() => request().tries.count('a', LIFE));
    await expectDown(() => request().epochs.raise(ADA, 5));
    await expectDown(() => request().codes.put('a', aCode(), LIFE));
    await expectDown(() => request().budgets.take([aBudget()]));
    await redis.config('SET', 'maxmemory', '0');
    const lives = await Promise.all((await redis.keys('*')).map((key) => redis.pttl(key)));
    expect(lives.filter((left) => left === -1)).toEqual([]);
  });
});

describeIf('redis', 'redisPending, while one node of a Cluster is down', () => {
  it('is unavailable for what lies there and answers for the rest, and heals', async () => {
    const own = await startRedisCluster();
    const cluster = new Cluster([...own.nodes]);
    cluster.on('error', () => undefined);
    const pending = redisPending(cluster);
    const request = (): Pending => within(memoryAccounts(), pending, { ms: DEADLINE }).pending;
    const ids = Array.from({ length: 24 }, (_, n) => `id ${n}`);
    for (const id of ids) expect(await pending.tries.count(id, LIFE)).toBe(1);

    own.servers[0]?.freeze();
    let answered: boolean[] = [];
    await until(5_000, 'the node to stand still', async () => {
      answered = await Promise.all(ids.map((id) => works(() => request().tries.count(id, LIFE))));
      return answered.includes(false);
    });
    expect(answered).toContain(true);
    own.servers[0]?.thaw();
    await until(20_000, 'the cluster to answer everywhere', async () =>
      (await Promise.all(ids.map((id) => works(() => request().tries.count(id, LIFE))))).every(Boolean),
    );
    cluster.disconnect();
    await own.stop();
  });
});

describeIf('mongo-server', 'mongoAccounts, while MongoDB is down', () => {
  let server: OwnServer;
  let connection: Connection;
  let store: Accounts;
  const account = anAccount(userId('ada'));
  beforeEach(async () => {
    server = await startMongo();
    connection = await createConnection(server.url, { dbName: 'down' }).asPromise();
    store = mongoAccounts(connection);
    await store.save(account, null);
  });
  afterEach(async () => {
    await connection.close(true);
    await server.stop();
  });

  const request = (): Stores => within(store, memoryPending(), { ms: DEADLINE });
  const everyCall: ((accounts: Accounts) => Promise<unknown>)[] = [
    (accounts) => accounts.load(account.userId),
    (accounts) => accounts.save(anAccount(userId('new')), null),
    (accounts) => accounts.findByHandle('handle'),
    (accounts) => accounts.remove(userId('nobody')),
    (accounts) => accounts.all()[Symbol.asyncIterator]().next(),
  ];

  it('is unavailable within the deadline when it is frozen, and works on when it is thawed', async () => {
    await freeze(server, () => request().accounts.load(account.userId));
    await Promise.all(everyCall.map((call) => expectDown(() => call(request().accounts))));
    server.thaw();
    await until(10_000, 'MongoDB to answer again', () =>
      works(() => request().accounts.load(account.userId)),
    );
    expect(await request().accounts.load(account.userId)).toEqual(account);
  });

  it('has made a save that passed its deadline, or not, or will yet: a reload and another rev decide', async () => {
    const late = next(account);
    await freeze(server, () => request().accounts.load(account.userId));
    await expectDown(() => request().accounts.save(late, account.rev));
    server.thaw();
    await until(10_000, 'MongoDB to answer again', () =>
      works(() => request().accounts.load(account.userId)),
    );

    // The late one may still land between these two, once.
    const third = next(account);
    const seen: unknown[] = [];
    await until(5_000, 'the next save to win', async () => {
      const there = await store.load(account.userId);
      seen.push(there?.rev);
      return store.save(third, there?.rev ?? null);
    });
    expect(seen.length).toBeLessThanOrEqual(2);
    for (const rev of seen) expect([account.rev, late.rev]).toContain(rev);
    expect(await store.load(account.userId)).toEqual(third);
  });

  it('is unavailable within the deadline when it is killed, and has every saved account when it is back', async () => {
    const second = next(account);
    expect(await store.save(second, account.rev)).toBe(true);
    await server.kill();
    await Promise.all(everyCall.map((call) => expectDown(() => call(request().accounts))));
    await server.restart();
    await until(20_000, 'MongoDB to answer again', () =>
      works(() => request().accounts.load(account.userId)),
    );
    expect(await request().accounts.load(account.userId)).toEqual(second);
  });

  it('can be used before it is there: the first use that finds it makes the indexes', async () => {
    await server.kill();
    const early = createConnection(server.url, { dbName: 'down', serverSelectionTimeoutMS: 500 });
    early.on('error', () => undefined);
    const accounts = mongoAccounts(early);
    const load = (): Promise<unknown> =>
      within(accounts, memoryPending(), { ms: DEADLINE }).accounts.load(account.userId);
    await expectDown(load);
    await server.restart();
    await early.asPromise().catch(() => early.openUri(server.url, { dbName: 'down' }));
    await until(20_000, 'MongoDB to answer', () => works(load));
    expect(await accounts.load(account.userId)).toEqual(account);
    await early.close(true);
  });
});
