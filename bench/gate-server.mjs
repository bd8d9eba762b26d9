import express from 'express';
import {
  library,
  passportApp,
  redisClient,
  redisPending,
  redisStore,
  routes,
  withSecondFactor,
} from './apps.mjs';
import { cookiesOf, listening, post } from './measure.mjs';
import { profileOnDemand } from './profile.mjs';
import { codeOf, newSecret } from './totp.mjs';

const portOf = (server) => server.address().port;

/**
 * One side of the gated request, in a process of its own: better-auth brings an AsyncLocalStorage, which makes every
 * promise in its process more expensive. Tells its parent the port, and the cookie of someone who is signed in.
 */
const [, , side, redisUrl] = process.argv;
const client = redisClient(redisUrl);
const sides = { bare, ours, betterAuth, twoCommands };
process.send(await sides[side]());
process.once('disconnect', () => process.exit());
profileOnDemand();

async function bare() {
  const port = portOf(await listening(routes(passportApp({ store: redisStore(client, 'bare:') }))));
  return { port, cookie: cookiesOf(await post(port, '/login', { username: 'ann', password: 'x' })) };
}

/** Sessions and pending state over one client, as in the README. */
async function ours() {
  const host = passportApp({ store: redisStore(client, 'ours:') });
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts({ acceptLoss: true }),
    pending: redisPending(client, { prefix: 'pending:' }),
  });
  const port = portOf(await listening(routes(host)));
  const secret = newSecret();
  await twoFactor.importFactor('ann', { type: 'totp', secret, label: 'app' });
  const half = cookiesOf(await post(port, '/login', { username: 'ann', password: 'x' }));
  const cookie = cookiesOf(await post(port, '/2fa/totp', { code: codeOf(secret) }, half), half);
  return { port, cookie };
}

/** Reads a record and a number in one round trip, as we do, and nothing else: no code of ours could cost less. */
async function twoCommands() {
  const host = passportApp({ store: redisStore(client, 'two:') });
  await Promise.all([client.set('two-record', 'x'.repeat(250)), client.set('two-number', '1')]);
  host.app.use((_req, _res, next) => {
    const asked = [client.getex('two-record', 'PX', 86_400_000), client.get('two-number')];
    Promise.all(asked).then(() => process.nextTick(next), next);
  });
  const port = portOf(await listening(routes(host)));
  return { port, cookie: cookiesOf(await post(port, '/login', { username: 'ann', password: 'x' })) };
}

async function betterAuth() {
  const { betterAuthApp } = await import('./better-auth.mjs');
  const { port, signIn } = await betterAuthApp(express(), client);
  return { port, cookie: await signIn() };
}
