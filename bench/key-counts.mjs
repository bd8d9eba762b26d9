import { createRequire } from 'node:module';
import { signed } from './account-mac.mjs';
import {
  mongoAccounts,
  passportApp,
  redisClient,
  redisPending,
  redisStore,
  routes,
  withSecondFactor,
} from './apps.mjs';
import { countedAccounts, countedClient } from './counts.mjs';
import { cookiesOf, listening, post } from './measure.mjs';
import { softKey } from './soft-key.mjs';

const require = createRequire(import.meta.url);
const { blankAccount } = require('../dist/lib/account/account.js');

/** Our round trips for one challenge and for one answer of a key, including the step's own read of the login record. */
export async function keyCounts(redisUrl, connection) {
  const sessions = redisClient(redisUrl);
  const client = redisClient(redisUrl);
  const seen = { redis: 0, reads: 0, writes: 0 };
  const accounts = mongoAccounts(connection);
  const host = passportApp({ store: redisStore(sessions, 'key-counts:') });
  withSecondFactor(host, {
    accounts: countedAccounts(accounts, seen),
    pending: redisPending(countedClient(client, seen), { prefix: 'key-counts-pending:' }),
  });
  const server = await listening(routes(host));
  const { port } = server.address();
  const during = async (path, cookie, body) => {
    const before = { ...seen };
    const answer = await post(port, path, body, cookie);
    const text = await answer.json();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(text)}`);
    const spent = Object.fromEntries(
      Object.entries(seen).map(([name, count]) => [name, count - before[name]]),
    );
    return { text, spent };
  };
  const once = async (name) => {
    const key = softKey({ rpId: 'localhost', origin: 'http://localhost:3000', createdAt: Date.now() });
    const account = { ...blankAccount(name), rev: 'first', epoch: 1, factors: [key.factor] };
    await accounts.save(signed(account), null);
    const cookie = cookiesOf(await post(port, '/login', { username: name, password: 'x' }));
    const asked = await during('/2fa/webauthn/options', cookie, {});
    const answered = await during('/2fa/webauthn', cookie, { response: key.answer(asked.text.challenge) });
    return { challenge: asked.spent, answer: answered.spent };
  };
  // The first one in a process gives Redis its scripts.
  await once('first-key');
  const counted = await once('counted-key');
  server.close();
  for (const each of [sessions, client]) each.disconnect();
  return counted;
}
