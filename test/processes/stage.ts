import Redis from 'ioredis';
import mongoose, { type Connection } from 'mongoose';
import { Passport } from 'passport';
import { mongoUsers } from '../../example-app/mongo-users';
import type { User } from '../../example-app/users';
import { secondFactor, type Accounts, type Pending } from '../../lib';
import { toUserId } from '../../lib/account/user-id';
import { mongoAccounts } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { WireBrowser } from '../support/browser-on-wire';
import { REDIS_OPTIONS, startMongo, startRedis, type OwnServer } from '../support/servers';
import { buildWebAdmin, startWebAdmin, type WebAdmin } from '../support/web-admin';
import { keysWithoutExpiry, leaksIn } from './leaks';
import { peopleOf, type People, type Person } from './people';
import { Seen } from './seen';

export const KEY = '7a'.repeat(32);
/** Both processes stand behind one address, as behind a load balancer. */
const ORIGIN = 'http://localhost:3000';

export interface Stage {
  readonly redisServer: OwnServer;
  readonly mongoServer: OwnServer;
  /** Two processes of the example app. */
  readonly a: WebAdmin;
  readonly b: WebAdmin;
  readonly redis: Redis;
  readonly connection: Connection;
  readonly accounts: Accounts;
  readonly pending: Pending;
  readonly people: People;
  readonly seen: Seen;
  browser(): WireBrowser;
  accountOf(person: Person): ReturnType<Accounts['load']>;
  leaks(): Promise<string[]>;
  keysWithoutExpiry(): Promise<string[]>;
  /** The same processes and stores, with people of its own and none of the secrets seen so far. */
  nextScene(): Promise<Stage>;
  close(): Promise<void>;
}

/**
 * Two processes of the example app, on a Redis and a MongoDB that nobody else uses.
 *
 * @param more of their environment
 */
export async function openStage(more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  buildWebAdmin();
  // On disk with every write, so that a killed Redis comes back with all that it had acknowledged.
  const [redisServer, mongoServer] = await Promise.all([
    startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }),
    startMongo(),
  ]);
  const uri = `${mongoServer.url}/webadmin`;
  const env = { REDIS_URL: redisServer.url, MONGODB_URI: uri, TWO_FACTOR_KEY: KEY, ORIGIN, ...more };
  const [a, b] = await Promise.all([startWebAdmin(env), startWebAdmin(env)]);

  const redis = new Redis(redisServer.url, { ...REDIS_OPTIONS, lazyConnect: true });
  redis.on('error', () => undefined);
  await redis.connect();
  const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 5_000 }).asPromise();
  const accounts = mongoAccounts(connection);
  const twoFactor = secondFactor<User>({
    passport: new Passport(),
    appName: 'WebAdmin',
    origin: ORIGIN,
    keys: [KEY],
    users: { id: (user) => user.id, name: (user) => user.username },
    accounts,
    pending: redisPending(redis, { prefix: 'webadmin:2fa:' }),
    // What the processes send is read in their outbox; this one only enrols addresses.
    sms: { send: async () => undefined },
    email: { send: async () => undefined },
  });

  const users = await mongoUsers(connection);

  const scene = async (): Promise<Stage> => {
    const seen = new Seen();
    return {
      redisServer,
      mongoServer,
      a,
      b,
      redis,
      connection,
      accounts,
      pending: redisPending(redis, { prefix: 'webadmin:2fa:' }),
      people: await peopleOf(users, twoFactor, seen),
      seen,
      browser: () => new WireBrowser(ORIGIN, seen.watch),
      accountOf: ({ user }) => accounts.load(toUserId(user.id)),
      leaks: () => leaksIn(redis, connection, [a.output(), b.output()], seen.all()),
      keysWithoutExpiry: () => keysWithoutExpiry(redis),
      nextScene: scene,
      close: async () => {
        redis.disconnect();
        await connection.close(true);
        await Promise.all([a.stop(), b.stop()]);
        await Promise.all([redisServer.stop(), mongoServer.stop()]);
      },
    };
  };
  return scene();
}
