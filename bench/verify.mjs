import express from 'express';
import { library, passportApp, routes, withSecondFactor } from './apps.mjs';
import { handWritten } from './hand-written.mjs';
import { load, message } from './load.mjs';
import { alternate, cookiesOf, listening, median, post } from './measure.mjs';
import { startProfile } from './profile.mjs';
import { codeOf, newSecret } from './totp.mjs';

const headers = (cookie) => ({ cookie, origin: 'http://localhost:3000' });

/** Our side, in memory. */
async function ourSide() {
  const host = passportApp();
  const twoFactor = withSecondFactor(host, {
    accounts: library.memoryAccounts({ acceptLoss: true }),
    pending: library.memoryPending({ acceptLoss: true }),
  });
  const server = await listening(routes(host));
  const { port } = server.address();
  const enrol = (name, secret) => twoFactor.importFactor(name, { type: 'totp', secret, label: 'app' });
  return { server, port, enrol };
}

/** So many verifications that are ready to be sent, each with a user and a login of its own. */
async function prepared(port, path, enrol, round, count) {
  const made = [];
  for (let number = 0; number < count; number++) {
    const [name, secret] = [`${path}-${round}-${number}`, newSecret()];
    await enrol(name, secret);
    made.push([cookiesOf(await post(port, '/login', { username: name, password: 'x' })), secret]);
  }
  return made.map(([cookie, secret]) => message('POST', path, headers(cookie), { code: codeOf(secret) }));
}

/** One TOTP verification over HTTP, in memory: load, verify, save, new session. */
export async function verifyBesideHandWritten() {
  const secrets = new Map();
  const byHand = await handWritten(secrets);
  const ours = await ourSide();
  // Many: the compiler needs a few thousand requests to warm up on either side.
  const requests = (port, path, enrol) => (round) => prepared(port, path, enrol, round, 1000);
  const result = await alternate(
    {
      byHand: {
        port: byHand.port,
        requests: requests(byHand.port, '/verify', (name, secret) => secrets.set(name, secret)),
      },
      ours: { port: ours.port, requests: requests(ours.port, '/2fa/totp', ours.enrol) },
    },
    { rounds: 5, connections: 16 },
  );
  ours.server.close();
  byHand.server.close();
  return result;
}

/** Where the time of a verification goes, in µs by package; `node` includes the client. */
export async function verifyProfile() {
  const { server, port, enrol } = await ourSide();
  await load(port, await prepared(port, '/2fa/totp', enrol, 'first', 1500), 16);
  const requests = await prepared(port, '/2fa/totp', enrol, 'then', 2000);
  const stop = await startProfile();
  await load(port, requests, 16);
  const took = await stop(requests.length);
  server.close();
  return took;
}

/**
 * The same next to better-auth's verify-totp on its memory adapter, a fresh one each round: it slows down with every
 * row.
 */
export async function verifyBesideBetterAuth() {
  const { betterAuthApp } = await import('./better-auth.mjs');
  const { server: ours, port, enrol } = await ourSide();
  const speeds = { betterAuth: [], ours: [] };
  for (let round = -1; round < 7; round++) {
    const better = await betterAuthApp(express());
    const requests = { betterAuth: [], ours: [] };
    for (let number = 0; number < 40; number++) {
      const name = `user${round}x${number}`;
      const secret = await better.enable(await better.signIn(name), codeOf);
      const half = await better.half(name);
      requests.betterAuth.push(
        message('POST', '/api/auth/two-factor/verify-totp', headers(half), { code: codeOf(secret) }),
      );
      const seed = newSecret();
      await enrol(name, seed);
      const cookie = cookiesOf(await post(port, '/login', { username: name, password: 'x' }));
      requests.ours.push(message('POST', '/2fa/totp', headers(cookie), { code: codeOf(seed) }));
    }
    for (const [name, to] of round % 2
      ? [
          ['ours', port],
          ['betterAuth', better.port],
        ]
      : [
          ['betterAuth', better.port],
          ['ours', port],
        ]) {
      const { perSecond, statuses } = await load(to, requests[name], 8);
      if (statuses.size !== 1 || !statuses.has('200'))
        throw new Error(`${name}: ${JSON.stringify([...statuses])}`);
      if (round >= 0) speeds[name].push(perSecond);
    }
    better.server.close();
  }
  ours.close();
  return { betterAuth: median(speeds.betterAuth), ours: median(speeds.ours) };
}
