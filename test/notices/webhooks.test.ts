import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SecondFactorError, type SecondFactorOptions } from '../../lib';
import { isPublic, post, publicOnly } from '../../lib/notices/post';
import { certificate, key } from '../delivery/senders/certificate';
import { json, Loopback, slow, text } from '../delivery/senders/loopback';
import { halfLogin } from '../support/browser-agent';
import { minutes } from '../support/clock';
import type { TestUser } from '../support/host-app';
import { until } from '../support/within';
import { annEnrolled, toldApp, type ToldApp } from './cast';

type Webhooks = NonNullable<SecondFactorOptions<TestUser>['webhooks']>;
type Name = Webhooks[number]['events'][number];

const bytes = Buffer.alloc(32, 7);
const secret = `whsec_${bytes.toString('base64')}`;
const endpoint = new Loopback();
beforeAll(() => endpoint.start());
afterAll(() => endpoint.stop());
beforeEach(() => {
  endpoint.asked.length = 0;
  endpoint.answer = text(204, '');
});

const hooked = (events: readonly Name[], given: Partial<Webhooks[number]> = {}): ToldApp =>
  toldApp({
    email: undefined as never,
    webhooks: [{ url: `${endpoint.url}/2fa`, secret, events, allowPrivate: true, ...given }],
  });

const called = (count: number) =>
  until(5_000, `${count} calls`, () => endpoint.asked.length >= count).then(() => endpoint.asked);

/** By the specification, as any receiver checks it. */
function isSigned({ headers, body }: (typeof endpoint.asked)[number], by = bytes): boolean {
  const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${JSON.stringify(body)}`;
  const signature = createHmac('sha256', by).update(content).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${signature}`);
}

const callsOf = async ({ options }: ToldApp) => (await options.accounts.load('id-ann' as never))?.calls ?? [];

describe('A webhook', () => {
  it('is told of the events that it asked for, signed as the specification says', async () => {
    const host = hooked(['factor.added', 'two-factor.enabled']);
    await annEnrolled(host);
    const asked = await called(2);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(2).fill('POST /2fa'));
    expect(asked.every((one) => isSigned(one))).toBe(true);
    expect(new Set(asked.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(Number(asked[0]?.headers['webhook-timestamp'])).toBe(Math.floor(host.clock.now() / 1000));
    const bodies = asked.map(({ body }) => body as { type: string; data: object });
    expect(bodies.find(({ type }) => type === 'factor.added')).toEqual({
      type: 'factor.added',
      timestamp: '2026-11-24T12:00:01.000Z',
      data: {
        userId: 'id-ann',
        type: 'totp',
        factorId: expect.any(String),
        label: expect.any(String),
        browser: null,
        requestId: null,
      },
    });
    await until(2_000, 'the calls to be noted', async () => (await callsOf(host)).length === 0);
    expect(await host.options.accounts.load('id-ann' as never)).not.toHaveProperty('dueAt');
  });

  it('is called again by tick with the same id and a new time, for as long as a notice is', async () => {
    const host = hooked(['two-factor.enabled']);
    endpoint.answer = json(503, {}, { 'retry-after': '120' });
    await annEnrolled(host);
    await until(5_000, 'the failure', () => host.events.some(({ name }) => name === 'notice.failed'));
    expect(host.events[0]).toMatchObject({
      notice: 'two-factor.enabled',
      channel: 'webhook',
      kind: 'provider',
    });
    endpoint.answer = text(200, 'x'.repeat(1_000_000));
    host.clock.move(minutes);
    expect(await host.twoFactor.tick()).toMatchObject({ webhooks: { sent: 0, retried: 0 }, more: false });
    host.clock.move(minutes);
    expect(await host.twoFactor.tick()).toEqual({
      notices: { sent: 0, retried: 0, dropped: 0 },
      webhooks: { sent: 1, retried: 0, dropped: 0 },
      requests: { moved: 0 },
      documents: 0,
      audit: 0,
      more: false,
    });
    const [first, second] = endpoint.asked;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
    expect(second && isSigned(second)).toBe(true);
    expect(second?.body).toEqual(first?.body);
  });

  it('is signed with each secret while one is being replaced', async () => {
    const other = Buffer.alloc(24, 9);
    const host = hooked(['two-factor.enabled'], { secret: [secret, `whsec_${other.toString('base64')}`] });
    await annEnrolled(host);
    const [asked] = await called(1);
    expect(asked && isSigned(asked) && isSigned(asked, other)).toBe(true);
  });

  it('gets no secret, no code, no address and no session', async () => {
    const names: Name[] = [
      'factor.added',
      'backup-codes.made',
      'proof.refused',
      'proof.accepted',
      'browser.new',
    ];
    const host = hooked(names);
    const { secret: seed, backupCodes } = await annEnrolled(host);
    const agent = await halfLogin(host);
    await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    const [code = ''] = backupCodes;
    await agent.post('/2fa/backup-code', { code }).expect(200);
    const asked = await called(5);
    const sent = JSON.stringify(asked.map(({ headers, body }) => [headers, body]));
    for (const hidden of [
      seed,
      ...backupCodes,
      '000000',
      'ann@example.com',
      secret,
      '127.0.0.1:',
      'connect.sid',
    ])
      expect(sent.replaceAll(endpoint.url.replace('http://', ''), '')).not.toContain(hidden);
  });

  it('follows no redirect', async () => {
    const host = hooked(['two-factor.enabled']);
    endpoint.answer = text(307, '', { location: `${endpoint.url}/elsewhere` });
    await annEnrolled(host);
    await until(5_000, 'the failure', () => host.events.some(({ name }) => name === 'notice.failed'));
    expect(endpoint.asked.map(({ path }) => path)).toEqual(['/2fa']);
  });

  it('that hangs delays nobody, and is let go when the app closes', async () => {
    const host = hooked(['two-factor.enabled']);
    endpoint.answer = slow;
    await annEnrolled(host);
    await called(1);
    await host.twoFactor.close();
    expect((await callsOf(host))[0]?.tries).toBe(1);
  });

  it('waits where another process may know it, when its address is not known here', async () => {
    const host = hooked(['two-factor.enabled']);
    endpoint.answer = json(500, {});
    await annEnrolled(host);
    await until(5_000, 'the failure', () => host.events.some(({ name }) => name === 'notice.failed'));
    const { accounts, pending, now = Date.now } = host.options;
    const other = toldApp({ accounts, pending, now, email: undefined as never });
    host.clock.move(minutes);
    expect(await other.twoFactor.tick()).toMatchObject({ webhooks: { sent: 0, retried: 1 } });
    expect(await callsOf(host)).toHaveLength(1);
  });
});

describe('An address that only this network reaches', () => {
  const to = (url: string, allowPrivate = false) =>
    post({
      url: new URL(url),
      headers: {},
      body: '{}',
      allowPrivate,
      timeout: 2_000,
      signal: new AbortController().signal,
    });

  it('is not called, however it is written, unless that is allowed', async () => {
    const { port } = new URL(endpoint.url);
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      'localhost',
      '[::1]',
      '[::ffff:7f00:1]',
      '0.0.0.0',
    ])
      expect(await to(`http://${host}:${port}/`)).toMatchObject({ kind: 'rejected' });
    expect(endpoint.asked).toEqual([]);
    expect(await to(endpoint.url, true)).toBeNull();
    expect(endpoint.asked).toHaveLength(1);
  });

  it.each([
    ['10.1.2.3', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['192.168.0.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['::', false],
    ['::1', false],
    ['::ffff:10.0.0.1', false],
    ['64:ff9b::a00:1', false],
    ['2002:a00:1::', false],
    ['2001:db8::1', false],
    ['fe80::1', false],
    ['fd00::1', false],
    ['ff02::1', false],
    ['nonsense', false],
  ])('%s is public: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });

  it('is not reached by a name with a private address among others, nor by one that has another the next time', async () => {
    const [open, inside] = [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    const answers = [[open], [open, inside], [inside]];
    const lookUp = publicOnly((_host, _options, done) => done(null, answers.shift() ?? []));
    const found = () =>
      new Promise((resolve) =>
        lookUp('hooks.example.com', {}, (error, address) => resolve(error ? error.message : address)),
      );
    // What was looked at is what is connected to: nothing looks it up again.
    expect(await found()).toBe('8.8.8.8');
    expect(answers).toHaveLength(2);
    expect(await found()).toMatch(/not accepted/);
    expect(await found()).toMatch(/not accepted/);
  });
});

describe('An endpoint over TLS', () => {
  it('is told nothing if its certificate is not good', async () => {
    let requests = 0;
    const server = createServer({ cert: certificate, key }, (_request, response) => {
      requests += 1;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const { signal } = new AbortController();
    const failed = await post({ url, headers: {}, body: '{}', allowPrivate: true, timeout: 2_000, signal });
    expect(failed).toMatchObject({ kind: 'network' });
    expect(requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('The option webhooks', () => {
  const right = { url: 'https://hooks.example.com/2fa', secret, events: ['factor.added'] };
  it.each([
    ['http', { url: 'http://hooks.example.com' }, /webhooks\[0\]\.url is not an address/],
    ['http to this machine, not allowed', { url: 'http://localhost:3000' }, /webhooks\[0\]\.url/],
    ['a name and a password', { url: 'https://a:b@hooks.example.com' }, /webhooks\[0\]\.url/],
    ['no secret', { secret: undefined }, /webhooks\[0\]\.secret is undefined/],
    ['a short secret', { secret: `whsec_${Buffer.alloc(23).toString('base64')}` }, /no secret of a webhook/],
    ['a secret of another kind', { secret: 'sk_test_1234567890' }, /no secret of a webhook/],
    ['no events', { events: [] }, /webhooks\[0\]\.events is empty/],
    ['an event there is not', { events: ['factor.add'] }, /no webhook is told of factor\.add/],
    [
      'an event of no saved change',
      { events: ['login.completed'] },
      /no webhook is told of login\.completed/,
    ],
    ['an option there is not', { events: ['factor.added'], secrets: 1 }, /no option webhooks\[0\]\.secrets/],
  ])('refuses %s', (_what, wrong, message) => {
    const build = () => toldApp({ webhooks: [{ ...right, ...wrong } as never] });
    expect(build).toThrow(SecondFactorError);
    expect(build).toThrow(message);
  });
});
