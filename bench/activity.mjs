import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { library, mongoActivity, passportApp, routes, withSecondFactor } from './apps.mjs';
import { cookiesOf, listening, median, post } from './measure.mjs';
import { startServers } from './servers.mjs';

const MOST = 1_000;
const LIFE = 90 * 86_400_000;
const PAGES = 60;

/**
 * What the page of activity takes among so many entries, each user having as many as one can have; and a single entry's
 * write. ms each.
 *
 * @param {import('mongoose').Connection} connection
 */
export async function activity(connection, entries = 1_000_000) {
  const collection = `activity_${randomBytes(4).toString('hex')}`;
  const store = mongoActivity(connection, { collection });
  await store.prepare();
  const users = entries / MOST;
  const raw = connection.collection(collection);
  await fill(raw, users);
  // Right after so many writes, the test server may keep a read waiting for longer than a page would.
  await raw.findOne({ user: 'user0' }, { sort: { id: -1 } });

  const host = passportApp();
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts({ acceptLoss: true }),
    pending: library.memoryPending({ acceptLoss: true }),
    activity: store,
  });
  const server = await listening(routes(host));
  const { port } = server.address();
  const read = async (user, path) => {
    const cookie = cookiesOf(await post(port, '/login', { username: user, password: 'x' }));
    // Whoever opens it at once waits until this sign-in itself is written.
    await twoFactor.activityOf(user, { limit: 1 });
    const started = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/2fa/security/activity${path}`, {
      headers: { cookie, accept: 'text/html' },
    });
    const text = await answer.text();
    const took = performance.now() - started;
    if (!text.includes('panel-row')) throw new Error(`the page is ${answer.status}, without an entry`);
    return took;
  };

  const took = { page: [], kind: [], older: [], write: [] };
  for (let round = -5; round < PAGES; round++) {
    const user = `user${(round + 5) % users}`;
    const page = await read(user, '');
    const kind = await read(user, '?type=webauthn');
    const [last] = (await twoFactor.activityOf(user, { limit: 500 })).slice(-1);
    const older = await read(user, `?before=${last.id}`);
    await store.append({ ...last, id: idAt(Date.now(), round) });
    const started = performance.now();
    await store.append({ ...last, id: idAt(Date.now() + 1, round) });
    const write = performance.now() - started;
    if (round < 0) continue;
    took.page.push(page);
    took.kind.push(kind);
    took.older.push(older);
    took.write.push(write);
  }
  server.close();
  await twoFactor.close();
  await connection.collection(collection).drop();
  const sorted = took.page.toSorted((one, other) => one - other);
  return {
    entries,
    page: median(took.page),
    slowest: sorted[Math.floor(sorted.length * 0.95)],
    kind: median(took.kind),
    older: median(took.older),
    write: median(took.write),
  };
}

/** As the store writes them, in batches; those of a user are spread over 90 days. */
async function fill(raw, users) {
  const until = new Date(Date.now() + LIFE);
  const now = Date.now();
  for (let user = 0; user < users; user++) {
    const name = `user${user}`;
    const batch = Array.from({ length: MOST }, (_, nth) => {
      const at = Math.round(now - ((MOST - nth) * LIFE) / MOST);
      return {
        _id: `${nth}:${name}`,
        user: name,
        nth,
        until,
        id: idAt(at, nth),
        at,
        name: 'login.completed',
        result: 'ok',
        type: nth % 3 === 0 ? 'webauthn' : 'totp',
        label: 'A phone of somebody',
        loginId: randomBytes(16).toString('base64url'),
        browser: { browser: 'Chrome', system: 'Windows' },
        address: '203.0.113.7',
      };
    });
    await raw.insertMany(batch, { ordered: false });
    if (user % 100 === 99) console.log(`  ${(user + 1) * MOST} entries`);
  }
}

function idAt(at, count) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt16BE(0x7000 | (count & 0xfff), 6);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.env.NODE_ENV = 'production';
  const servers = await startServers();
  try {
    const connection = await mongoose.createConnection(servers.mongoUrl).asPromise();
    console.log(await activity(connection, Number(process.argv[2] ?? 1_000_000)));
    await connection.close();
  } finally {
    servers.stop();
  }
}
