import express from 'express';
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
import { message } from './load.mjs';
import { alternate, cookiesOf, listening, post } from './measure.mjs';
import { codeOf, newSecret } from './totp.mjs';

const rounds = { rounds: 9, connections: 32 };
const side = (port, cookie) => ({
  port,
  requests: () => Array.from({ length: 3000 }, () => message('GET', '/gated', { cookie })),
});
const portOf = (server) => server.address().port;

/** A gated request of a signed-in user beside the same app without us, then beside better-auth's session check. */
export async function gate(redisUrl) {
  const clients = [1, 2, 3].map(() => redisClient(redisUrl));
  const [bareSessions, ourRedis, betterSessions] = clients;
  const bare = await listening(routes(passportApp({ store: redisStore(bareSessions, 'bare:') })));
  const ours = await ourSide(ourRedis);
  const plain = cookiesOf(await post(portOf(bare), '/login', { username: 'ann', password: 'x' }));
  const besideBare = await alternate({ bare: side(portOf(bare), plain), ours: ours.side() }, rounds);

  // Only now: it brings an AsyncLocalStorage, which makes every promise of the process dearer.
  const { betterAuthApp } = await import('./better-auth.mjs');
  const better = await betterAuthApp(express(), betterSessions);
  const betterSide = side(better.port, await better.signIn());
  const besideBetter = await alternate({ betterAuth: betterSide, ours: ours.side() }, rounds);

  for (const server of [bare, ours.server, better.server]) {
    server.close();
    server.closeAllConnections();
  }
  for (const client of clients) client.disconnect();
  return { besideBare, besideBetter };
}

/** Sessions and pending state over one client, as the README has it. */
async function ourSide(client) {
  const host = passportApp({ store: redisStore(client, 'ours:') });
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts(),
    pending: redisPending(client, { prefix: 'pending:' }),
  });
  const server = await listening(routes(host));
  const secret = newSecret();
  await twoFactor.importFactor('ann', { type: 'totp', secret, label: 'app' });
  const half = cookiesOf(await post(portOf(server), '/login', { username: 'ann', password: 'x' }));
  const passed = cookiesOf(await post(portOf(server), '/2fa/totp', { code: codeOf(secret) }, half), half);
  await afterEnrolment(client, 'pending:');
  return { server, side: () => side(portOf(server), passed) };
}
