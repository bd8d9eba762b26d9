import { Cluster } from 'ioredis';
import { describeIf } from './needs';
import { freshDatabase, freshRedis, startMongo, startRedis, startRedisCluster } from './servers';
import { until, within } from './within';

describeIf('redis', 'the shared Redis', () => {
  it('keeps what one client set for another, under prefixes that differ', async () => {
    const one = await freshRedis();
    const two = await freshRedis();
    await one.redis.set(`${one.prefix}colour`, 'blue', 'EX', 60);
    expect(await two.redis.get(`${one.prefix}colour`)).toBe('blue');
    expect(two.prefix).not.toBe(one.prefix);
    await one.close();
    expect(await two.redis.get(`${one.prefix}colour`)).toBeNull();
    await two.close();
  });
});

describeIf('redis', 'a Redis of the test', () => {
  it('answers nothing while it is frozen, and the same question once it is thawed', async () => {
    const server = await startRedis();
    const { redis, close } = await freshRedis(server.url);
    await redis.set('colour', 'blue');

    server.freeze();
    let answered = false;
    const answer = redis.get('colour').then((value) => {
      answered = true;
      return value;
    });
    await expect(within(300, 'a frozen Redis', answer)).rejects.toThrow('waited 300 ms');
    expect(answered).toBe(false);

    server.thaw();
    expect(await within(2_000, 'a thawed Redis', answer)).toBe('blue');
    await close();
    await server.stop();
  });

  it('is empty after a restart, on the same port, unless it was asked to keep what it is told', async () => {
    const forgetful = await startRedis();
    const durable = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    for (const [server, kept] of [
      [forgetful, null],
      [durable, 'blue'],
    ] as const) {
      const { redis, close } = await freshRedis(server.url);
      await redis.set('colour', 'blue');
      const { pid, url } = server;
      await server.restart();
      await until(2_000, 'the client to be back', () => redis.status === 'ready');
      expect(await redis.get('colour')).toBe(kept);
      expect(server.url).toBe(url);
      expect(server.pid).not.toBe(pid);
      await close();
      await server.stop();
    }
  });

  it('is gone after kill, and after stop even when it was frozen', async () => {
    const killed = await startRedis();
    await killed.kill();
    expect(isAlive(killed.pid)).toBe(false);
    await killed.stop();

    const frozen = await startRedis();
    frozen.freeze();
    await frozen.stop();
    expect(isAlive(frozen.pid)).toBe(false);
  });
});

describeIf('redis', 'a Redis Cluster of the test', () => {
  it('keeps keys of all slots', async () => {
    const own = await startRedisCluster();
    const cluster = new Cluster([...own.nodes]);
    const names = Array.from({ length: 30 }, (_, index) => `name-${index}`);
    await Promise.all(names.map((name) => cluster.set(name, name.toUpperCase())));
    expect(await Promise.all(names.map((name) => cluster.get(name)))).toEqual(
      names.map((n) => n.toUpperCase()),
    );
    expect(cluster.nodes('master')).toHaveLength(3);
    cluster.disconnect();
    await own.stop();
    expect(own.servers.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });
});

describeIf('mongo', 'the shared MongoDB server', () => {
  it('keeps documents in a database of the test, and replaces one only at the revision asked for', async () => {
    const one = await freshDatabase();
    const two = await freshDatabase();
    const things = one.connection.collection<{ _id: string; rev: string }>('things');
    await things.insertOne({ _id: 'a', rev: '1' });
    await expect(things.insertOne({ _id: 'a', rev: '2' })).rejects.toThrow('E11000');

    const writers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        things.replaceOne({ _id: 'a', rev: '1' }, { rev: `by ${index}` }),
      ),
    );
    expect(writers.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(1);
    expect(await two.connection.collection('things').countDocuments()).toBe(0);
    await one.close();
    await two.close();
  });
});

describeIf('mongo-server', 'a MongoDB server of the test', () => {
  it('still has an acknowledged write after a kill', async () => {
    const server = await startMongo();
    const { connection, close } = await freshDatabase(server.url);
    const things = connection.collection<{ _id: string }>('things');
    await things.insertOne({ _id: 'a' }, { writeConcern: { w: 'majority', journal: true } });
    await server.kill();
    await server.restart();
    expect(await things.findOne({ _id: 'a' })).toEqual({ _id: 'a' });
    await close();
    await server.stop();
  });

  it('answers nothing while it is frozen, and goes on once it is thawed', async () => {
    const server = await startMongo();
    const { connection, close } = await freshDatabase(server.url);
    const things = connection.collection('things');
    await things.insertOne({ colour: 'blue' });
    server.freeze();
    const answer = things.findOne({ colour: 'blue' });
    await expect(within(300, 'a frozen server', answer)).rejects.toThrow('waited 300 ms');
    server.thaw();
    expect(await within(5_000, 'a thawed server', answer)).toMatchObject({ colour: 'blue' });
    await close();
    await server.stop();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
