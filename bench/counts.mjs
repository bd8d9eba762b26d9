import { passportApp, redisClient, redisPending, redisStore, routes, withSecondFactor } from './apps.mjs';
import { cookiesOf, listening, post } from './measure.mjs';
import { codeOf, newSecret } from './totp.mjs';

/** Our round trips (beyond the session's) for one verification and for one gated request. */
export async function counts(redisUrl, accounts) {
  const sessions = redisClient(redisUrl);
  const client = redisClient(redisUrl);
  const seen = { redis: 0, reads: 0, writes: 0 };
  const host = passportApp({ store: redisStore(sessions, 'counts:') });
  const twoFactor = withSecondFactor(host, {
    accounts: countedAccounts(accounts, seen),
    pending: redisPending(countedClient(client, seen), { prefix: 'counts-pending:' }),
  });
  const server = await listening(routes(host));
  const { port } = server.address();
  const during = async (work) => {
    const before = { ...seen };
    await work();
    return Object.fromEntries(Object.entries(seen).map(([name, count]) => [name, count - before[name]]));
  };
  const countsOf = async (user) => {
    const secret = newSecret();
    await twoFactor.importFactor(user, { type: 'totp', secret, label: 'app' });
    const half = cookiesOf(await post(port, '/login', { username: user, password: 'x' }));
    let cookie = half;
    const gated = () =>
      fetch(`http://127.0.0.1:${port}/gated`, { headers: { cookie, accept: 'application/json' } });
    const verification = await during(async () => {
      const answer = await post(port, '/2fa/totp', { code: codeOf(secret) }, half);
      if (answer.status !== 200) throw new Error(`the code was refused: ${answer.status}`);
      cookie = cookiesOf(answer, half);
    });
    return { verification, first: await during(gated), next: await during(gated) };
  };
  // The first one in a process gives Redis its scripts.
  await countsOf('first');
  const counted = await countsOf('counted');
  server.close();
  sessions.disconnect();
  client.disconnect();
  return counted;
}

/** Commands that are sent together are one batch, and one round trip. */
export function countedClient(client, seen) {
  let open = false;
  const count = () => {
    if (open) return;
    open = true;
    seen.redis++;
    queueMicrotask(() => {
      open = false;
    });
  };
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given) => {
        count();
        return value.apply(target, given);
      };
    },
  });
}

export function countedAccounts(accounts, seen) {
  const counted =
    (name, kind) =>
    async (...given) => {
      seen[kind]++;
      return accounts[name](...given);
    };
  return {
    load: counted('load', 'reads'),
    save: counted('save', 'writes'),
    findByHandle: counted('findByHandle', 'reads'),
    remove: counted('remove', 'writes'),
    all: () => accounts.all(),
  };
}
