import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { keys, library, mongoAccounts, passportApp, routes, withSecondFactor } from './apps.mjs';
import { cookiesOf, listening, median, post } from './measure.mjs';
import { startServers } from './servers.mjs';

const require = createRequire(import.meta.url);
const { createAccountMacs } = require('../dist/lib/crypto/account-mac.js');
const { createKeyRing } = require('../dist/lib/crypto/key-ring.js');
const { createSeal } = require('../dist/lib/crypto/seal.js');
const { blankAccount } = require('../dist/lib/account/account.js');
const { withDueAt } = require('../dist/lib/account/outbox.js');

const DAY = 86_400_000;
const ROUNDS = 40;
const TICKS = 5;

/**
 * What the queue of a reviewer takes among so many open requests, which are due one after the other within 30 days,
 * and what `tick` takes with none, 10 and 100 of them due. ms each. Each number of requests has a collection of its own,
 * and they take turns.
 *
 * @param {import('mongoose').Connection} connection
 */
export async function requests(connection, sizes = [500, 10_000]) {
  const desks = [];
  for (const open of sizes) desks.push(await deskOf(connection, open));
  for (const { readAll } of desks) for (let time = 0; time < 3; time++) await readAll();
  for (let round = 0; round < ROUNDS; round++)
    for (const { readAll, took } of desks)
      for (const [name, time] of Object.entries(await readAll())) took[name].push(time);
  for (const due of [0, 10, 100])
    for (let round = 0; round < TICKS; round++)
      for (const { tick, ticks } of desks) (ticks[due] ??= []).push(await tick(due));
  for (const { close } of desks) await close();
  return desks.map(({ open, took, ticks }) => {
    const sorted = took.page.toSorted((one, other) => one - other);
    return {
      open,
      page: median(took.page),
      slowest: sorted[Math.floor(sorted.length * 0.95)],
      state: median(took.state),
      deep: median(took.deep),
      ticks: Object.fromEntries(Object.entries(ticks).map(([due, times]) => [due, median(times)])),
    };
  });
}

async function deskOf(connection, open) {
  const collection = `accounts_${randomBytes(4).toString('hex')}`;
  const store = mongoAccounts(connection, { collection });
  await store.prepare();
  const raw = connection.collection(collection);
  const ring = createKeyRing(keys);
  const tools = { macs: createAccountMacs(ring), seal: createSeal(ring) };
  const now = Date.now();
  const put = async (from, to, dueAt) => {
    for (let first = from; first < to; first += 500) {
      const batch = Array.from({ length: Math.min(500, to - first) }, (_, nth) =>
        document(tools, first + nth, now, dueAt),
      );
      await raw.insertMany(batch, { ordered: false });
    }
  };
  const dueAt = (nth) => now + DAY + Math.floor((nth / open) * 30 * DAY);
  await put(0, open, dueAt);
  // Right after so many writes, the test server may keep a read waiting for longer than a page would.
  await raw.findOne({ 'openRequest.dueAt': { $gte: 0 } });

  const host = passportApp();
  const twoFactor = withSecondFactor(host, {
    accounts: store,
    pending: library.memoryPending({ acceptLoss: true }),
    users: {
      id: (user) => user.id,
      name: (user) => user.id,
      byId: (id) => ({ id }),
      find: () => ({ users: [], next: null }),
      contacts: () => [],
    },
    email: { send: library.memorySender() },
    lostAccess: { form: { operator: ['Bench'], sendTo: 'bench@example.com' }, requests: {} },
  });
  host.app.use('/admin/2fa', twoFactor.adminRouter({ authorize: () => true }));
  const server = await listening(routes(host));
  const { port } = server.address();
  const cookie = cookiesOf(await post(port, '/login', { username: 'reviewer', password: 'x' }));
  const read = async (query) => {
    const started = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/admin/2fa/requests${query}`, {
      headers: { cookie, accept: 'text/html' },
    });
    const text = await answer.text();
    const took = performance.now() - started;
    if (!text.includes('panel-row')) throw new Error(`the page is ${answer.status}, without a request`);
    return took;
  };
  const middle = Math.floor(open / 2);
  let made = open;
  const after = encodeURIComponent(`${dueAt(middle)} user${middle}`);
  return {
    open,
    readAll: async () => ({
      page: await read(''),
      state: await read('?state=in_review'),
      deep: await read(`?after=${after}`),
    }),
    took: { page: [], state: [], deep: [] },
    tick: async (due) => {
      await put(made, made + due, () => now - 1);
      made += due;
      const started = performance.now();
      const { requests: done } = await twoFactor.tick({ limit: 1000 });
      const took = performance.now() - started;
      if (done.moved !== due) throw new Error(`${done.moved} of ${due} requests went on`);
      return took;
    },
    ticks: {},
    close: async () => {
      server.close();
      await twoFactor.close();
      await raw.drop();
    },
  };
}

/** An account with an app and an open request, as the library saves it. */
function document({ macs, seal }, nth, now, dueAtOf) {
  const user = `user${nth}`;
  const id = randomBytes(16).toString('base64url');
  const sealed = (purpose, factor) => seal.close(Buffer.from('x'), { user, factor, purpose });
  const dueAt = dueAtOf(nth);
  // What is due lapsed: it was begun 30 days before.
  const startedAt = dueAt - 30 * DAY;
  const account = {
    ...blankAccount(user),
    rev: randomBytes(16).toString('base64url'),
    epoch: now,
    factors: [
      {
        id: `factor${nth}`,
        type: 'totp',
        secret: sealed('totp-secret', `factor${nth}`),
        label: 'Phone',
        createdAt: now,
        lastUsedAt: null,
        usedUpTo: 0,
      },
    ],
    recoveries: [
      {
        id,
        reference: `RA-${String(nth).padStart(10, 'A')}`,
        state: 'in_review',
        startedAt,
        steps: [{ at: startedAt, state: 'in_review' }],
        route: 'short',
        lost: ['totp'],
        contact: { channel: 'email', address: sealed('contact', ''), hint: 'a•••@e•••.com', onFile: true },
        language: 'en',
        timeZone: null,
        from: { browser: { browser: 'Chrome', system: 'Windows' }, address: '203.0.113.7' },
        evidence: [
          { id: 'one', kind: 'password', at: startedAt, proven: true },
          { id: 'two', kind: 'mail', at: startedAt, proven: true },
          { id: 'three', kind: 'invoice', at: startedAt, facts: sealed('request', id) },
        ],
        flags: ['unknown_browser'],
        dueAt,
      },
    ],
  };
  const { userId, ...fields } = macs.sign(withDueAt(account, now));
  return { ...fields, _id: userId, schema: 1 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.env.NODE_ENV = 'production';
  const servers = await startServers();
  try {
    const connection = await mongoose.createConnection(servers.mongoUrl).asPromise();
    const sizes = process.argv.slice(2).map(Number);
    console.log(await requests(connection, sizes.length > 0 ? sizes : undefined));
    await connection.close();
  } finally {
    servers.stop();
  }
}
