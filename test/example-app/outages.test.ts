import type { Response } from 'supertest';
import { DEMO_PASSWORD } from '../../example-app/demo-users';
import { describeIf } from '../support/needs';
import { startMongo, startRedis, type OwnServer } from '../support/servers';
import { until } from '../support/within';
import { openWebAdmin, signInWithCode, visit, type RunningWebAdmin, type Visitor } from './web-admin';

/** The deadline of 2.5 s, and what a busy machine adds. */
const SOON = 4_500;

describeIf(['redis', 'mongo-server'], 'the example app without a store', () => {
  let redis: OwnServer;
  let mongo: OwnServer;
  let webAdmin: RunningWebAdmin;
  let visitor: Visitor;
  let printed: string[];

  beforeAll(async () => {
    [redis, mongo] = await Promise.all([startRedis(), startMongo()]);
  });
  afterAll(async () => {
    await Promise.all([redis.stop(), mongo.stop()]);
  });
  beforeEach(async () => {
    printed = [];
    jest
      .spyOn(console, 'error')
      .mockImplementation((...texts: unknown[]) => void printed.push(texts.join(' ')));
    webAdmin = await openWebAdmin({ MONGODB_URI: `${mongo.url}/webadmin`, REDIS_URL: redis.url });
    visitor = visit(webAdmin);
    await visitor.signIn('demo').expect(200);
  });
  afterEach(async () => {
    redis.thaw();
    mongo.thaw();
    await webAdmin.close();
    jest.restoreAllMocks();
  });

  async function expectUnavailable(request: PromiseLike<Response>): Promise<void> {
    const start = performance.now();
    const { status, body, headers, text } = await request;
    expect(performance.now() - start).toBeLessThan(SOON);
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(text).not.toContain('node_modules');
    if (!headers['content-type']?.startsWith('application/json')) return;
    expect(body.error).toMatchObject({ code: 'unavailable', retryAfter: Number(headers['retry-after']) });
  }

  async function expectAllUnavailable(): Promise<void> {
    const change = { currentPassword: DEMO_PASSWORD, newPassword: 'never stored' };
    await Promise.all([
      expectUnavailable(visitor.getJson('/api/me')),
      expectUnavailable(visitor.getPage('/account')),
      expectUnavailable(visit(webAdmin).signIn('demo')),
      expectUnavailable(visitor.json('/account/password', change)),
      expectUnavailable(visitor.json('/logout')),
    ]);
    await visit(webAdmin).getPage('/').expect(200);
  }

  const worksAgain = (): Promise<void> =>
    until(10_000, 'the app to work again', async () => {
      const stranger = visit(webAdmin);
      return (
        (await stranger.signIn('demo')).status === 200 && (await stranger.getJson('/api/me')).status === 200
      );
    });

  const expectStillSignedIn = async (): Promise<void> => {
    expect((await visitor.getJson('/api/me').expect(200)).body.username).toBe('demo');
  };

  it('answers 503 while Redis is frozen, and goes on afterwards as if nothing had been', async () => {
    redis.freeze();
    await expectAllUnavailable();
    redis.thaw();
    await worksAgain();
    await expectStillSignedIn();
  });

  it('answers 503 while Redis is gone, and lets people sign in again when it comes back empty', async () => {
    await redis.kill();
    await expectAllUnavailable();
    await redis.restart();
    await worksAgain();
    await visitor.getJson('/api/me').expect(401);
    await signInWithCode(visit(webAdmin));
  });

  it('answers 503 while MongoDB is frozen, and goes on afterwards as if nothing had been', async () => {
    mongo.freeze();
    await expectAllUnavailable();
    mongo.thaw();
    await worksAgain();
    await expectStillSignedIn();
  });

  it('answers 503 while MongoDB is gone, and goes on afterwards as if nothing had been', async () => {
    await mongo.kill();
    await expectAllUnavailable();
    await mongo.restart();
    await worksAgain();
    await expectStillSignedIn();
  });

  it('says so to its operator in few words, with nothing of a session or a password', async () => {
    await redis.kill();
    await expectUnavailable(visitor.getJson('/api/me'));
    await expectUnavailable(visit(webAdmin).signIn('demo'));
    await redis.restart();
    await worksAgain();
    await until(5_000, 'the news', () => printed.some((line) => line.includes('Redis is back')));
    const all = printed.join('\n');
    expect(printed.filter((line) => line.startsWith('Redis is lost'))).toHaveLength(1);
    expect(all).toMatch(/^GET \/api\/me: 503 Redis: /m);
    expect(all).not.toMatch(/correct horse|webadmin:session:|secondFactor|"cookie"/);
  });
});
