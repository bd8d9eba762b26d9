import { Agent, createServer, type Server } from 'node:http';
import type { Express } from 'express';
import request, { type Response } from 'supertest';
import { fromBase32 } from '../../lib/crypto/base32';
import { hotp, stepAt } from '../../lib/crypto/otp';
import { noted } from './exchanges';
import { origin as ourOrigin } from './host-app';

/** A browser with cookies that only speaks JSON. */
export function browser(app: Express, origin = ourOrigin) {
  const agent = request
    .agent(serverOf(app))
    .use(noted)
    .use((asked: request.Test) => void asked.agent(connections));
  const get = (path: string, accept = 'application/json') => agent.get(path).set('Accept', accept);
  const post = (path: string, body: object = {}) =>
    agent.post(path).set('Accept', 'application/json').set('Origin', origin).send(body);
  const form = (path: string, body: Record<string, string> = {}) =>
    agent.post(path).type('form').set('Accept', 'text/html').set('Origin', origin).send(body);
  return {
    agent,
    get,
    post,
    form,
    page: (path: string) => agent.get(path).set('Accept', 'text/html'),
    signIn: (username: string, password = 'right') => post('/login', { username, password }),
    signOut: () => post('/logout'),
  };
}

const connections = new Agent({ keepAlive: true });
const servers = new Map<Express, Server>();
const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends.splice(0)) end();
  servers.clear();
  connections.destroy();
});

/** supertest closes a server after each request. An app's server stays until all tests of the file are over. */
function serverOf(app: Express): Server {
  const known = servers.get(app);
  if (known) return known;
  const server = createServer(app);
  // Otherwise it may close a connection just as a slow test uses it again.
  server.keepAliveTimeout = 0;
  const close = server.close.bind(server);
  server.close = (closed) => {
    closed?.();
    return server;
  };
  ends.push(() => {
    close();
    server.closeAllConnections();
  });
  servers.set(app, server);
  return server;
}

export type BrowserAgent = ReturnType<typeof browser>;

/** The code an authenticator app shows at `time` (ms). */
export const codeAt = (base32: string, time: number): string =>
  hotp(fromBase32(base32) ?? Buffer.alloc(0), stepAt(time));

/** Switches two-factor on for the signed-in user: secret and backup codes. */
export async function enrolTotp(
  agent: BrowserAgent,
  now: number,
): Promise<{ secret: string; backupCodes: string[] }> {
  const { body: setup } = await agent.get('/2fa/security/totp').expect(200);
  const { body } = await agent.post('/2fa/security/totp', { code: codeAt(setup.secret, now) }).expect(201);
  const backupCodes: string[] = body.backupCodes;
  await agent.post('/2fa/security/backup-codes/acknowledge', { code: backupCodes[3] }).expect(200);
  return { secret: setup.secret, backupCodes };
}

export const errorCode = (response: Response): string | undefined =>
  (response.body as { error?: { code?: string } } | undefined)?.error?.code;

/** A fresh browser in which the password was right and the second factor is owed. */
export async function halfLogin({ app }: { readonly app: Express }, name = 'ann'): Promise<BrowserAgent> {
  const agent = browser(app);
  await agent.signIn(name).expect(401);
  return agent;
}
