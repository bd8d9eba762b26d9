import { randomBytes } from 'node:crypto';
import Redis from 'ioredis';
import Redis5 from 'ioredis5';
import { memorySender } from '../../lib';
import { redisPending } from '../../lib/redis';
import { browser, codeAt, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { annsMail, annsPhone, enrol, newest, noneOf, told, type CodesApp } from '../support/codes-app';
import { share } from '../support/exhaustive';
import { localKey, passkeysApp, proveKey } from '../support/keys';
import { describeIf } from '../support/needs';
import { freshRedis, redisUrl } from '../support/servers';

type Client = Redis | Redis5;

/** What an app may have set on the client that it hands over; `prefix` is nobody else's. */
const SETTINGS = {
  'its defaults': {},
  stringNumbers: { stringNumbers: true },
  keyPrefix: { keyPrefix: 'app:' },
  enableAutoPipelining: { enableAutoPipelining: true },
  db: { db: 3 },
  lazyConnect: { lazyConnect: true },
  showFriendlyErrorStack: { showFriendlyErrorStack: true },
  'all of them': {
    stringNumbers: true,
    keyPrefix: 'app:',
    enableAutoPipelining: true,
    db: 3,
    lazyConnect: true,
    showFriendlyErrorStack: true,
  },
} as const;

const CLIENTS: readonly (readonly [name: string, open: () => Client])[] = [
  ...Object.entries(SETTINGS).flatMap(([name, options]) => [
    [`ioredis 6, ${name}`, () => new Redis(redisUrl(), options)] as const,
    [`ioredis 5, ${name}`, () => new Redis5(redisUrl(), options)] as const,
  ]),
  ['ioredis 6, RESP2', () => new Redis(redisUrl(), { protocol: 2 })],
  ['ioredis 6, RESP2, stringNumbers', () => new Redis(redisUrl(), { protocol: 2, stringNumbers: true })],
  ['ioredis 6, RESP3 with its types', () => new Redis(redisUrl(), { protocol: 3, replyMapping: 'resp3' })],
  [
    'ioredis 6, RESP3 with its types, stringNumbers',
    () => new Redis(redisUrl(), { protocol: 3, replyMapping: 'resp3', stringNumbers: true }),
  ],
];

/** None of it, all of it, and answers of other types. */
const isUsual = ([name]: (typeof CLIENTS)[number]): boolean => /its defaults|all of them|RESP3/.test(name);

describeIf('redis', 'Every flow works over the app’s own Redis client', () => {
  let client: Client;
  afterEach(() => client.disconnect());

  it.each(share(CLIENTS, isUsual))('%s', async (_, open) => {
    client = open();
    const prefix = `2fa:${randomBytes(6).toString('hex')}:`;
    const sms = memorySender();
    const email = memorySender();
    const host = passkeysApp({
      pending: redisPending(client, { prefix }),
      sms: { send: sms, defaultRegion: 'CZ' },
      email: { send: email },
    });
    await everyFlow({ ...host, sms, email, notices: email });
    await expectBounded(client, prefix);
  });
});

/** Whoever signs in here is ann. */
async function everyFlow(host: CodesApp): Promise<void> {
  const { app, clock, twoFactor } = host;
  const half = async (): Promise<BrowserAgent> => {
    clock.move(31 * seconds);
    const agent = browser(app);
    await agent.signIn('ann').expect(401);
    return agent;
  };
  const isOut = (agent: BrowserAgent) => agent.get('/2fa/security').expect(401);

  // Without a factor; then with an app, a key, a phone and a mailbox.
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  expect((await ann.get('/me')).body).toMatchObject({ twoFactor: { status: 'exempt' } });
  const { secret, backupCodes } = await enrolTotp(ann, clock.now());
  const key = localKey();
  const { body: added } = await ann.post('/2fa/security/webauthn/options').expect(200);
  const userHandle: string = added.user.id;
  await ann.post('/2fa/security/webauthn', { response: key.create(added.challenge) }).expect(201);
  expect((await enrol(host, ann, 'otp-sms', annsPhone)).status).toBe(201);
  expect((await enrol(host, ann, 'otp-email', annsMail)).status).toBe(201);

  // Each of them signs in, once; a wrong one costs a try.
  const byApp = await half();
  const code = codeAt(secret, clock.now());
  const wrong = await byApp.post('/2fa/totp', { code: noneOf(code) });
  expect([told(wrong), wrong.body.error.triesLeft]).toEqual([[401, 'wrong_code'], 4]);
  await byApp.post('/2fa/totp', { code }).expect(200);
  expect(told(await (await half()).post('/2fa/totp', { code }))).toEqual([401, 'code_used']);
  expect((await proveKey(await half(), key)).status).toBe(200);
  await (await half()).post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
  for (const [type, { sent }] of [
    ['otp-sms', host.sms],
    ['otp-email', host.email],
  ] as const) {
    const agent = await half();
    await agent.post(`/2fa/${type}/send`).expect(200);
    expect(told(await agent.post(`/2fa/${type}/send`))).toEqual([429, 'resend_too_soon']);
    await agent.post(`/2fa/${type}`, { code: noneOf(newest(host.sms), newest(host.email)) }).expect(401);
    await agent
      .post(`/2fa/${type}`, { code: newest(type === 'otp-sms' ? host.sms : host.email) })
      .expect(200);
    expect(sent.length).toBeGreaterThan(0);
  }
  clock.move(1 * seconds);
  const byPasskey = browser(app);
  const { body: asked } = await byPasskey.post('/2fa/passkey/options').expect(200);
  const response = key.get(asked.options.challenge, { userHandle });
  await byPasskey.post('/2fa/passkey', { response }).expect(200);

  // Five wrong codes end a half login.
  const guesser = await half();
  for (let nth = 0; nth < 5; nth += 1)
    await guesser.post('/2fa/backup-code', { code: 'XXXX-XXXX-XXXX-XXX0' });
  expect(told(await guesser.get('/2fa'))).toEqual([401, 'half_login_ended']);

  // A login proves itself again, ends, and is ended from elsewhere.
  clock.move(6 * minutes);
  expect(told(await byApp.get('/billing'))).toEqual([403, 'step_up_required']);
  await byApp.post('/2fa/totp', { code: codeAt(secret, clock.now()) }).expect(200);
  await byApp.get('/billing').expect(200);
  await byApp.signOut().expect(200);
  await isOut(byApp);
  await ann.get('/2fa/security').expect(200);
  await twoFactor.signOutEverywhere('id-ann');
  await isOut(ann);
  expect((await proveKey(await half(), key)).status).toBe(200);
}

/** Everything of ours is where the client puts it, and ends by itself. */
async function expectBounded(client: Client, prefix: string): Promise<void> {
  const { keyPrefix = '', db = 0 } = client.options;
  const { redis, close } = await freshRedis();
  await redis.select(db);
  const keys = await redis.keys(`${keyPrefix}${prefix}*`);
  const lives = await Promise.all(keys.map((name) => redis.pttl(name)));
  await Promise.all(keys.map((name) => redis.del(name)));
  await close();
  expect(keys.length).toBeGreaterThan(5);
  expect(lives.filter((left) => left < 0)).toEqual([]);
}
