import express from 'express';
import { betterAuthApp } from './better-auth.mjs';
import {
  afterEnrolment,
  library,
  passportApp,
  redisClient,
  redisPending,
  redisStore,
  routes,
  withSecondFactor,
} from './apps.mjs';
import { alternate, cookiesOf, listening, post } from './measure.mjs';
import { message } from './load.mjs';
import { codeOf, newSecret } from './totp.mjs';

/** A gated request of a signed-in user, beside the same app without us and beside better-auth's session check. */
export async function gate(redisUrl) {
  const clients = [1, 2, 3, 4].map(() => redisClient(redisUrl));
  const bareHost = passportApp({ store: redisStore(clients[0], 'bare:') });
  const bare = await listening(routes(bareHost));
  const host = passportApp({ store: redisStore(clients[1], 'ours:') });
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts(),
    pending: redisPending(clients[2], { prefix: 'pending:' }),
  });
  const ours = await listening(routes(host));
  const better = await betterAuthApp(express(), clients[3]);

  const secret = newSecret();
  await twoFactor.importFactor('ann', { type: 'totp', secret, label: 'app' });
  const port = (server) => server.address().port;
  const half = cookiesOf(await post(port(ours), '/login', { username: 'ann', password: 'x' }));
  const passed = cookiesOf(await post(port(ours), '/2fa/totp', { code: codeOf(secret) }, half), half);
  await afterEnrolment(clients[2], 'pending:');
  const plain = cookiesOf(await post(port(bare), '/login', { username: 'ann', password: 'x' }));
  const betterCookie = await better.signIn();

  const times = (text) => () => Array.from({ length: 3000 }, () => text);
  const result = await alternate(
    {
      bare: { port: port(bare), requests: times(message('GET', '/gated', { cookie: plain })) },
      ours: { port: port(ours), requests: times(message('GET', '/gated', { cookie: passed })) },
      betterAuth: { port: better.port, requests: times(message('GET', '/gated', { cookie: betterCookie })) },
    },
    { rounds: 9, connections: 32 },
  );
  for (const server of [bare, ours, better.server]) server.closeAllConnections();
  for (const server of [bare, ours, better.server]) server.close();
  for (const client of clients) client.disconnect();
  await twoFactor.close();
  return result;
}
