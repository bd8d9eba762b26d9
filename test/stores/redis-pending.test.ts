import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import Redis, { Cluster } from 'ioredis';
import Redis5, { Cluster as Cluster5 } from 'ioredis5';
import { countTryOfCode } from '../../lib/core/login-tries';
import { redisPending } from '../../lib/redis';
import { memoryPending } from '../../lib/stores/memory-pending';
import {
  aBudget,
  aCode,
  ADA,
  aLogin,
  BOB,
  loginKey,
  pendingContract,
  readLogin,
  USER_ID,
} from '../contracts/pending.contract';
import { describeIf } from '../support/needs';
import {
  type OwnCluster,
  type OwnServer,
  REDIS_OPTIONS,
  redisUrl,
  startRedis,
  startRedisCluster,
} from '../support/servers';
import { until } from '../support/within';
import { countBatches } from './count-batches';
import { type AnyClient, redisSubject } from './redis-subject';
import { sameAsMemory } from './same-as-memory';

const LIFE = 600_000;
const CLUSTER_OPTIONS = {
  enableOfflineQueue: true,
  redisOptions: { ...REDIS_OPTIONS, enableOfflineQueue: true },
};

describeIf('redis', 'redisPending on one Redis', () => {
  let client: Redis;
  beforeAll(() => {
    client = new Redis(redisUrl());
  });
  afterAll(() => client.disconnect());
  pendingContract('redisPending', async () => redisSubject(client));
});

describeIf('redis', 'Pending, partly in Redis', () => {
  let client: Redis;
  beforeAll(() => {
    client = new Redis(redisUrl());
  });
  afterAll(() => client.disconnect());

  /** Both get older at once. */
  const beside = () => {
    const inRedis = redisSubject(client);
    let passed = 0;
    const inMemory = memoryPending({ now: () => Date.now() + passed });
    const pass = async (ms: number): Promise<void> => {
      passed += ms;
      await inRedis.pass(ms);
    };
    return { ...inRedis, inMemory, pass };
  };

  pendingContract('logins, epochs and tries in Redis, the rest in memory', async () => {
    const { pending, inMemory, ...subject } = beside();
    const { codes, budgets, setups } = inMemory;
    return { ...subject, pending: { ...pending, codes, budgets, setups } };
  });

  pendingContract('codes, budgets and set-ups in Redis, the rest in memory', async () => {
    const { pending, inMemory, ...subject } = beside();
    const { codes, budgets, setups } = pending;
    return { ...subject, pending: { ...inMemory, codes, budgets, setups } };
  });
});

describeIf('redis', 'redisPending on a Redis Cluster', () => {
  let own: OwnCluster;
  beforeAll(async () => {
    own = await startRedisCluster();
  });
  afterAll(() => own.stop());

  for (const [version, open] of [
    ['ioredis 6', () => new Cluster([...own.nodes], CLUSTER_OPTIONS)],
    ['ioredis 5', () => new Cluster5([...own.nodes], CLUSTER_OPTIONS)],
  ] as const) {
    describe(version, () => {
      let client: Cluster | Cluster5;
      beforeAll(async () => {
        client = open();
        await until(10_000, 'the cluster client to be ready', () => client.status === 'ready');
      });
      afterAll(() => client.disconnect());
      pendingContract('redisPending', async () => redisSubject(client));
      oneRoundTrip(() => client, true);
    });
  }

  it('does not take a client that reads from replicas, where an ended login may still be alive', () => {
    const client = new Cluster([...own.nodes], { scaleReads: 'slave', lazyConnect: true });
    expect(() => redisPending(client)).toThrow(expect.objectContaining({ code: 'bad_option' }));
    client.disconnect();
  });
});

describeIf('redis', 'redisPending', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(redisUrl(), REDIS_OPTIONS);
    return until(5_000, 'Redis to be ready', () => redis.status === 'ready');
  });
  afterAll(() => redis.disconnect());

  oneRoundTrip(() => redis);

  it('puts all keys under 2fa: unless told otherwise', async () => {
    const pending = redisPending(redis);
    const id = `test ${Math.random()}`;
    await pending.setups.put(id, 'value', 1_000);
    expect(await redis.get(`2fa:setup:${id}`)).toBe('value');
    await pending.setups.remove(id);
  });

  it('takes a broken value for an absent one', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    await pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null);
    await pending.epochs.raise(ADA, 5);
    for (const broken of ['', '{', 'null', '[]', '{"userId":"ada"}', '\u0000', '1e5', '-1', 'NaN', '?5']) {
      await redis.set(`${prefix}login:${loginKey(1)}`, broken, 'PX', LIFE);
      await redis.set(`${prefix}epoch:${ADA}`, broken, 'PX', LIFE);
      expect(await readLogin(pending, loginKey(1), ADA, LIFE)).toEqual({ login: null, epoch: null });
      expect(await pending.logins.list(ADA)).toEqual([]);
      await pending.epochs.raise(ADA, 5);
      expect(await pending.epochs.read(ADA)).toBe(5);
    }
    await close();
  });

  it('finds that a list or counter of another kind is a failure, and no login or try', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    await redis.set(`${prefix}logins:${ADA}`, 'text', 'PX', LIFE);
    await redis.zadd(`${prefix}tries:a`, 1, 'member');
    await redis.pexpire(`${prefix}tries:a`, LIFE);
    for (const call of [
      pending.logins.list(ADA),
      pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null),
      pending.tries.count('a', LIFE),
      pending.tries.read('a'),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'unavailable' });
    }
    await close();
  });

  it('takes a broken code for an absent one', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    const { digest: _, ...half } = aCode();
    for (const broken of ['', '{', 'null', '[]', '{}', JSON.stringify(half)]) {
      await redis.del(`${prefix}codes:a`);
      await pending.codes.put('a', aCode({ issuedAt: 7 }), LIFE);
      await redis.zadd(`${prefix}codes:a`, 9, broken);
      expect(await pending.codes.read('a')).toEqual([aCode({ issuedAt: 7 })]);
    }
    await close();
  });

  it('finds that codes or counters of another kind are a failure, and neither no code nor a full budget', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    await redis.set(`${prefix}codes:a`, 'text', 'PX', LIFE);
    await redis.set(`${prefix}budget:user:text`, 'text', 'PX', LIFE);
    await redis.zadd(`${prefix}budget:user:list`, 1, 'member');
    await redis.pexpire(`${prefix}budget:user:list`, LIFE);
    const free = aBudget({ name: 'app', points: 1 });
    for (const call of [
      () => pending.codes.put('a', aCode(), LIFE),
      () => pending.codes.read('a'),
      () => countTryOfCode(pending, 't', LIFE, 'a'),
      () => pending.budgets.take([free, aBudget({ id: 'text' })]),
      () => pending.budgets.take([aBudget({ id: 'list' }), free]),
      () => pending.budgets.giveBack([aBudget({ id: 'text' })]),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
    }
    // What was taken beside a failure was given back.
    expect(await pending.budgets.take([free])).toEqual({ ok: true });
    await close();
  });

  it('lets 5 of 50 pass who ask at once through two clients, as two processes would', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    const other = new Redis5(redisUrl());
    const second = redisPending(other, { prefix });
    const budgets = [aBudget({ points: 5 }), aBudget({ name: 'ip', points: 20 })];
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? pending : second).budgets.take(budgets)),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(5);
    expect(await redis.get(`${prefix}budget:user:digest-of-ada`)).toBe('5');
    expect(await redis.get(`${prefix}budget:ip:digest-of-ada`)).toBe('5');
    other.disconnect();
    await close();
  });

  it('sends one command a budget, and no other', async () => {
    const { pending, close } = redisSubject(redis);
    const budgets = ['user', 'address', 'ip', 'prefix', 'country', 'app'].map((name) => aBudget({ name }));
    await pending.budgets.take(budgets);
    const sent = await commandsOf(redis, async () => {
      await pending.budgets.take(budgets);
    });
    expect(sent).toEqual(budgets.map(() => 'evalsha'));
    await close();
  });

  it('sends a code and its expiry together, and a try together with the reading of codes', async () => {
    const { pending, close } = redisSubject(redis);
    const sent = await commandsOf(redis, async () => {
      await pending.codes.put('a', aCode(), LIFE);
      await countTryOfCode(pending, 't', LIFE, 'a');
    });
    const put = ['multi', 'zadd', 'zremrangebyrank', 'pexpire', 'exec'];
    expect(sent).toEqual([...put, 'multi', 'set', 'bitfield', 'exec', 'zrange']);
    await close();
  });

  it("defines no command on the app's client, where the app may have a limiter of its own", async () => {
    const { pending, close } = redisSubject(redis);
    const before = Object.keys(redis);
    await pending.budgets.take([aBudget()]);
    await pending.budgets.giveBack([aBudget()]);
    expect(Object.keys(redis)).toEqual(before);
    expect('rlflxIncr' in redis).toBe(false);
    await close();
  });

  it('gives a budget that somebody made permanent an expiry again', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    await redis.set(`${prefix}budget:user:digest-of-ada`, '99');
    expect(await pending.budgets.take([aBudget()])).toEqual({ ok: true });
    expect(await redis.pttl(`${prefix}budget:user:digest-of-ada`)).toBeGreaterThan(0);
    await close();
  });

  it('sets the expiry of a list of logins to that of the longest login', async () => {
    const { pending, prefix, close } = redisSubject(redis);
    const days = 24 * 60 * 60_000;
    await pending.logins.write(loginKey(1), aLogin(), ADA, 90 * days, null);
    expect(await redis.pttl(`${prefix}logins:${ADA}`)).toBeGreaterThan(89 * days);
    const longer = redisPending(redis, { prefix, loginLife: 60 * days });
    await longer.logins.write(loginKey(2), aLogin(), BOB, LIFE, null);
    expect(await redis.pttl(`${prefix}logins:${BOB}`)).toBeGreaterThan(59 * days);
    await close();
  });

  it('names no command, key or value in its errors', async () => {
    const gone = new Redis(redisUrl(), { ...REDIS_OPTIONS, lazyConnect: true });
    gone.disconnect();
    const pending = redisPending(gone);
    const calls = [
      pending.logins.write(loginKey(1), aLogin(), ADA, LIFE, null),
      readLogin(pending, loginKey(1), ADA, LIFE),
      pending.tries.count('a', LIFE),
      pending.epochs.raise(ADA, 1_700_000_000_000),
      pending.setups.put('a', 'sealed seed', LIFE),
      pending.codes.put('a', aCode(), LIFE),
      countTryOfCode(pending, 'a', LIFE, 'a'),
      pending.budgets.take([aBudget()]),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : null;
      expect(error).toMatchObject({ code: 'unavailable', message: 'The pending store did not answer.' });
      const text = inspect(error, { depth: 9, showHidden: true });
      for (const secret of [
        USER_ID,
        ADA,
        loginKey(1),
        'sealed seed',
        'digest',
        '17000',
        'evalsha',
        'ECONN',
      ]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('closes nothing that is not its own', async () => {
    await redisPending(redis).close();
    expect(await redis.ping()).toBe('PONG');
  });

  it('behaves like memoryPending in any order of calls', async () => {
    await sameAsMemory(() => redisSubject(redis), memoryPending);
  });
});

describeIf('redis', 'redisPending and its scripts', () => {
  it('sends a script anew to a server that has forgotten it', async () => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    const { pending, close } = redisSubject(redis);
    await pending.epochs.raise(ADA, 1);
    await redis.script('FLUSH');
    await pending.epochs.raise(ADA, 2);
    expect(await pending.epochs.read(ADA)).toBe(2);

    const budgets = [aBudget({ points: 2 }), aBudget({ name: 'ip', points: 2 })];
    for (const ok of [true, true, false]) {
      await redis.script('FLUSH');
      expect(await pending.budgets.take(budgets)).toMatchObject({ ok });
    }
    await close();
    redis.disconnect();
    await server.stop();
  });
});

/** The commands that come to Redis from one client, by MONITOR. */
async function commandsOf(client: Redis, work: () => Promise<void>): Promise<string[]> {
  const id = String(await client.client('ID'));
  const address = /addr=(\S+)/.exec(String(await client.client('LIST', 'ID', id)))?.[1];
  const watcher = new Redis(redisUrl());
  const monitor = await watcher.monitor();
  const seen: string[] = [];
  monitor.on('monitor', (_time: string, [command = '']: string[], source: string) => {
    if (source === address) seen.push(command.toLowerCase());
  });
  await work();
  await client.ping();
  await until(5_000, 'the commands to be seen', () => seen.includes('ping'));
  monitor.disconnect();
  watcher.disconnect();
  return seen.slice(0, -1);
}

/** What each call costs, in round trips. Commands that are sent together are one. */
function oneRoundTrip(client: () => AnyClient, isCluster = false): void {
  it('needs one round trip a call, and two to list logins', async () => {
    const counted = countBatches(client());
    const { pending, close } = redisSubject(counted.client);
    const budgets = ['user', 'address', 'ip', 'prefix', 'country', 'app'].map((name, index) =>
      aBudget({ name, points: index + 1 }),
    );
    // So that every node has the scripts.
    await pending.epochs.raise(ADA, 1);
    await Promise.all(budgets.map((budget) => pending.budgets.take([budget])));
    await pending.budgets.giveBack(budgets);
    await pending.logins.read(loginKey(1), LIFE, 0);
    await pending.logins.read(loginKey(2), LIFE, 0);
    await pending.logins.write(loginKey(2), aLogin(), ADA, LIFE, loginKey(1));
    for (const [trips, call] of [
      [1, () => readLogin(pending, loginKey(1), ADA, LIFE)],
      [1, () => readLogin(pending, loginKey(1), ADA, LIFE, 60_000)],
      [1, () => pending.logins.read(loginKey(1), null)],
      [1, () => pending.logins.write(loginKey(1), aLogin({ state: 'owed' }), ADA, LIFE, null)],
      // On a cluster the new record has to be there before the old one says so.
      [isCluster ? 2 : 1, () => pending.logins.write(loginKey(2), aLogin(), ADA, LIFE, loginKey(1))],
      [1, () => pending.logins.has(loginKey(1))],
      // By way of the one that it replaced.
      [2, () => pending.logins.remove(loginKey(1))],
      [1, () => pending.logins.remove(loginKey(2))],
      [2, () => pending.logins.list(ADA)],
      [1, () => pending.epochs.raise(ADA, 2)],
      [1, () => pending.epochs.suspend(ADA)],
      [1, () => pending.tries.count('a', LIFE)],
      [1, () => pending.tries.takeBack('a', LIFE)],
      [1, () => pending.tries.read('a')],
      [1, () => pending.codes.put('a', aCode(), LIFE)],
      [1, () => countTryOfCode(pending, 'a', LIFE, 'a')],
      [1, () => pending.codes.read('a')],
      [1, () => pending.codes.remove('a', aCode())],
      [1, () => pending.budgets.take(budgets)],
      // The first of them is used up by now: taken from the others, and given back.
      [2, () => pending.budgets.take(budgets)],
      [1, () => pending.budgets.giveBack(budgets)],
      [1, () => pending.setups.put('a', 'one', LIFE)],
      [1, () => pending.setups.put('a', 'two', LIFE)],
      [1, () => pending.setups.get('a')],
      [1, () => pending.setups.remove('a')],
    ] as const) {
      const before = counted.batches();
      await call();
      expect(`${String(call)}: ${counted.batches() - before}`).toBe(`${String(call)}: ${trips}`);
    }
    for (let n = 2; n <= 51; n += 1)
      await pending.logins.write(loginKey(n), aLogin({ since: n }), ADA, LIFE, null);
    const before = counted.batches();
    await pending.logins.write(loginKey(52), aLogin({ since: 52 }), ADA, LIFE, null);
    expect(counted.batches() - before).toBe(3);
    await close();
  });
}

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
