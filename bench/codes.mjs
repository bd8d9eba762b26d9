import {
  library,
  mongoAccounts,
  passportApp,
  redisClient,
  redisPending,
  redisStore,
  routes,
  withSecondFactor,
} from './apps.mjs';
import { countedAccounts, countedClient } from './counts.mjs';
import { load, message } from './load.mjs';
import { cookiesOf, listening, median, post } from './measure.mjs';

const headers = (cookie) => ({ cookie, origin: 'http://localhost:3000' });
/** Notices have none. */
const codeIn = (text) => /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0];
const addressOf = (name) => `${name}@box.example`;

/** Budgets out of the way: this measures what a code costs, not how many may be sent. */
const wide = { sends: 1_000_000, per: '1h' };
const limits = { user: wide, address: wide, ip: wide, app: wide };

async function codeApp(redisUrl, prefix, wrap = {}, accounts = library.memoryAccounts({ acceptLoss: true })) {
  const sessions = redisClient(redisUrl);
  const client = redisClient(redisUrl);
  const sender = library.memorySender({ keep: 100_000 });
  const host = passportApp({ store: redisStore(sessions, `${prefix}:`) });
  const twoFactor = withSecondFactor(host, {
    accounts: wrap.accounts?.(accounts) ?? accounts,
    pending: redisPending(wrap.client?.(client) ?? client, { prefix: `${prefix}-pending:` }),
    email: { send: sender },
    sends: { limits },
  });
  const server = await listening(routes(host));
  const { port } = server.address();
  return {
    port,
    halfLogin: async (name) => {
      const imported = await twoFactor.importFactor(name, {
        type: 'otp-email',
        address: addressOf(name),
        label: 'box',
      });
      if (!imported.ok) throw new Error(`no mailbox: ${imported.code}`);
      return cookiesOf(await post(port, '/login', { username: name, password: 'x' }));
    },
    /** The newest of each address. */
    codes: () =>
      new Map(
        sender.sent.toReversed().flatMap(({ to, text }) => {
          const code = codeIn(text);
          return code ? [[to, code]] : [];
        }),
      ),
    close: () => {
      server.close();
      server.closeAllConnections();
      for (const each of [sessions, client]) each.disconnect();
    },
  };
}

/** Codes sent and codes verified per second: over HTTP, Redis sessions and pending state, a sender that keeps them. */
export async function codes(redisUrl, { rounds = 5, perRound = 400 } = {}) {
  const app = await codeApp(redisUrl, 'codes');
  const speeds = { send: [], verify: [] };
  for (let round = -1; round < rounds; round++) {
    const made = [];
    for (let number = 0; number < perRound; number++) {
      const name = `user${round}x${number}`;
      made.push([name, await app.halfLogin(name)]);
    }
    const run = async (requests) => {
      const { perSecond, statuses } = await load(app.port, requests, 16);
      if (statuses.size !== 1 || !statuses.has('200'))
        throw new Error(`codes: ${JSON.stringify([...statuses])}`);
      return perSecond;
    };
    const send = await run(
      made.map(([, cookie]) => message('POST', '/2fa/otp-email/send', headers(cookie), {})),
    );
    const sent = app.codes();
    const verify = await run(
      made.map(([name, cookie]) =>
        message('POST', '/2fa/otp-email', headers(cookie), { code: sent.get(addressOf(name)) }),
      ),
    );
    if (round < 0) continue;
    speeds.send.push(send);
    speeds.verify.push(verify);
  }
  app.close();
  return { send: median(speeds.send), verify: median(speeds.verify) };
}

/** Our round trips for one code sent and one verified, including the step's own read of the login record. */
export async function codeCounts(redisUrl, connection) {
  const seen = { redis: 0, reads: 0, writes: 0 };
  const wrap = {
    client: (client) => countedClient(client, seen),
    accounts: (accounts) => countedAccounts(accounts, seen),
  };
  const app = await codeApp(redisUrl, 'code-counts', wrap, mongoAccounts(connection));
  const during = async (path, cookie, body) => {
    const before = { ...seen };
    const { status } = await post(app.port, path, body, cookie);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return Object.fromEntries(Object.entries(seen).map(([name, count]) => [name, count - before[name]]));
  };
  // The first one in a process loads what sending needs, and gives Redis its scripts.
  await during('/2fa/otp-email/send', await app.halfLogin('first'), {});
  const cookie = await app.halfLogin('counted');
  const send = await during('/2fa/otp-email/send', cookie, {});
  const verify = await during('/2fa/otp-email', cookie, { code: app.codes().get(addressOf('counted')) });
  app.close();
  return { send, verify };
}
