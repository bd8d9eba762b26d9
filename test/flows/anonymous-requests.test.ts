import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type Request, type Response } from 'express';
import type { MemoryStore } from 'express-session';
import { mongoAccounts } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { codesApp } from '../support/codes-app';
import { isExhaustive } from '../support/exhaustive';
import { origin } from '../support/host-app';
import { localKey } from '../support/keys';
import { describeIf } from '../support/needs';
import { freshDatabase, freshRedis, type FreshDatabase, type FreshRedis } from '../support/servers';

jest.setTimeout(10 * 60_000);

const perRoute = isExhaustive ? 1_000 : 50;
const atOnce = 50;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const junk = 'A'.repeat(22);
const cookies = [
  '',
  'connect.sid=s%3Aabcdefgh.ijklmnop',
  `2fa-browser-123456=${junk}; 2fa-visitor-123456=${junk}`,
  '__proto__=1; =; ;;; connect.sid=; connect.sid=x',
];

const answer = localKey().get('AAAA', { userHandle: junk });
const bodies: readonly (readonly [type: string, body: string])[] = [
  ['application/json', '{}'],
  ['application/json', JSON.stringify({ code: '123456', remember: true, to: '/x', factorId: junk })],
  ['application/json', JSON.stringify({ response: answer, label: 'Key', address: 'ann@example.com' })],
  ['application/json', JSON.stringify({ address: '+420601123456', code: 'A'.repeat(16) })],
  ['application/json', '{"broken'],
  ['application/x-www-form-urlencoded', `form_token=${junk}&code=123456&address=ann%40example.com`],
  ['text/plain', 'x'],
  ['application/x-www-form-urlencoded', `a=${'b'.repeat(40_000)}`],
];
const sites = [
  {},
  { origin },
  { 'sec-fetch-site': 'same-origin', origin },
  { 'sec-fetch-site': 'cross-site' },
];
const accepts = ['application/json', 'text/html', '*/*'];

/** One of a list, each list at a pace of its own, so that in time everything meets everything. */
const nth = <Item>(list: readonly Item[], count: number, pace: number): Item =>
  list[Math.floor(count / pace) % list.length] as Item;

/** The routes that are made while this runs: what is added later to ours is among them. */
function routesOf(make: () => unknown): string[] {
  const route = jest.spyOn(express.Router.prototype as { route(path: unknown): unknown }, 'route');
  make();
  const paths = route.mock.calls.flatMap(([path]) => path as string | string[]);
  route.mockRestore();
  return [...new Set(paths)];
}

const nowhere = new Socket();

/** Without a socket, which would take ten times as long. @returns the status */
function send(app: Express, method: string, url: string, count: number): Promise<number> {
  const [type, body] = nth(bodies, count, 1);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const headers = {
    ...nth(sites, count, 3),
    host: 'localhost:3000',
    accept: nth(accepts, count, 5),
    cookie: nth(cookies, count, 7),
    'x-forwarded-for': `203.0.113.${count % 250}`,
    ...(hasBody && { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }),
  };
  const req = Object.assign(new IncomingMessage(nowhere), { method, url, headers });
  if (hasBody) req.push(body);
  req.push(null);
  const res = new ServerResponse(req);
  return new Promise((resolve) => {
    res.write = () => true;
    res.end = () => {
      if (!res.headersSent) res.writeHead(res.statusCode);
      resolve(res.statusCode);
      return res;
    };
    app(req as unknown as Request, res as unknown as Response);
  });
}

describeIf(['redis', 'mongo'], 'Whoever is nobody', () => {
  let database: FreshDatabase;
  let cache: FreshRedis;
  beforeEach(async () => {
    [database, cache] = await Promise.all([freshDatabase(), freshRedis()]);
  });
  afterEach(async () => {
    await Promise.all([database.close(), cache.close()]);
  });

  const keys = () => cache.redis.keys(`${cache.prefix}*`);
  async function documents(): Promise<number> {
    const all = await database.connection.db?.collections();
    const counts = (all ?? []).map((collection) => collection.countDocuments());
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  it(`can have nothing of ours stored: not by ${perRoute} requests to each of our routes, by whatever method`, async () => {
    const made: { app?: Express; sessions?: MemoryStore } = {};
    const all = routesOf(() => {
      const users = {
        ...byId,
        id: (user: { id: string }) => user.id,
        name: (user: { name: string }) => user.name,
      };
      const { app, twoFactor, sessions } = codesApp({
        passkeys: true,
        users,
        accounts: mongoAccounts(database.connection),
        pending: redisPending(cache.redis, { prefix: cache.prefix }),
        deadline: '30s',
      });
      app.use(twoFactor.passkeySignIn());
      Object.assign(made, { app, sessions });
    });
    const ours = all
      .filter((path) => !['/login', '/logout', '/me', '/billing'].includes(path))
      .map((path) => (path.startsWith('/2fa') ? path : `/2fa${path}`).replace(/:\w+/g, junk));
    expect(ours.length).toBeGreaterThan(30);
    expect(ours).toEqual(
      expect.arrayContaining(['/2fa/passkey/options', '/2fa/totp', '/2fa/security/webauthn/options']),
    );
    const paths = [
      ...ours,
      '/2fa/nothing',
      '/2fa/security/nothing',
      '/2fa/passkey/nothing',
      '/2fa/%E0',
      '/2fa?to=%2F',
    ];

    const statuses = new Set<number>();
    for (const path of paths) {
      for (let from = 0; from < perRoute; from += atOnce) {
        const turns = Array.from({ length: atOnce }, (_, at) => from + at);
        const sent = turns.map((count) => send(made.app as Express, nth(methods, count, 2), path, count));
        for (const status of await Promise.all(sent)) statuses.add(status);
      }
    }

    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403]));
    expect(await keys()).toEqual([]);
    expect(await documents()).toBe(0);
    expect(Object.keys((made.sessions as unknown as { sessions: object }).sessions)).toEqual([]);
  });
});

const byId = { byId: () => null };
