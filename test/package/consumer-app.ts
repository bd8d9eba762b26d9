// Not a test: consumers.test.ts puts it into apps of its own, which have the package as npm installs it.
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';
import { memoryAccounts, memoryPending, secondFactor, SecondFactorError } from 'express-second-factor';
import { mongoAccounts } from 'express-second-factor/mongo';
import { redisPending } from 'express-second-factor/redis';

interface User {
  id: string;
}
const origin = 'http://localhost:3000';
// 20 bytes of the RFC's secret, as base32.
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

async function main(): Promise<void> {
  const passport = new Passport();
  passport.use(new Strategy((username, _password, done) => done(null, { id: username })));
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, { id }));
  const twoFactor = secondFactor({
    passport,
    appName: 'Consumer',
    origin,
    keys: ['44'.repeat(32)],
    users: { id: (user: User) => user.id, name: (user) => user.id },
    accounts: memoryAccounts(),
    pending: memoryPending(),
  });
  await twoFactor.importFactor('ann', { type: 'totp', secret: seed, label: 'Phone' });

  const app = express();
  app.use(
    express.json(),
    session({ secret: 's', resave: false, saveUninitialized: false }),
    passport.session(),
  );
  app.use(twoFactor.protect());
  app.post('/login', passport.authenticate('local'), (req, res) => {
    res.json({ user: req.user, status: req.twoFactor?.status });
  });
  app.get('/me', (req, res) => {
    res.json({ user: req.user ?? null, status: req.twoFactor?.status });
  });

  const server = app.listen(0);
  const { port } = server.address() as AddressInfo;
  let cookie = '';
  const ask = async (method: string, path: string, body?: object): Promise<[number, unknown]> => {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', origin, cookie },
      ...(body && { body: JSON.stringify(body) }),
    });
    cookie =
      answer.headers
        .getSetCookie()
        .find((one) => one.startsWith('connect.sid'))
        ?.split(';')[0] ?? cookie;
    return [answer.status, await answer.json()];
  };
  const answers = {
    login: await ask('POST', '/login', { username: 'ann', password: 'x' }),
    half: await ask('GET', '/me'),
    step: await ask('POST', '/2fa/totp', { code: code() }),
    me: await ask('GET', '/me'),
  };
  server.close();

  const redis = new Redis({ lazyConnect: true });
  const connection = mongoose.createConnection();
  const stores = [typeof mongoAccounts(connection).prepare, typeof redisPending(redis).close];
  redis.disconnect();
  await connection.close();
  const { status } = new SecondFactorError('busy', '…');
  process.stdout.write(JSON.stringify({ ...answers, stores, error: status }));
}

/** RFC 6238 */
function code(): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', '12345678901234567890').update(counter).digest();
  const value = digest.readUInt32BE((digest[19] ?? 0) & 15) & 0x7f_ff_ff_ff;
  return String(value % 1_000_000).padStart(6, '0');
}

void main();
