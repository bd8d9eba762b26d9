import { createServer, type Server } from 'node:net';
import { DEMO_PASSWORD, DEMO_PHONE, DEMO_TOTP_SEED } from '../../example-app/demo-users';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/needs';
import { startMongo, startRedis } from '../support/servers';
import { codeIn } from './web-admin';
import { buildWebAdmin, runWebAdmin, startWebAdmin } from '../support/web-admin';

const oneLine = (start: string): RegExp => new RegExp(`^WebAdmin can't start\\. ${start}.*\\n$`);

const STORY = ['admin', 'demo-reviewer', 'demo-reviewer-2', 'demo-auditor', 'demo-lost', 'demo-peer'];
const ORIGIN = 'http://localhost:3000';

const postOf = (body: object, cookie = ''): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Accept: 'application/json', Origin: ORIGIN, Cookie: cookie },
  body: JSON.stringify(body),
});
const signInAt = (url: string, username: string): Promise<globalThis.Response> =>
  fetch(`${url}/login`, postOf({ username, password: DEMO_PASSWORD }));
const cookieOf = (answer: globalThis.Response): string =>
  answer.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');

beforeAll(buildWebAdmin, 120_000);

describe('the process of the example app', () => {
  it('says what one needs to know before it listens, and then serves', async () => {
    const webAdmin = await startWebAdmin();
    const lines = webAdmin.output().split('\n');
    const find = (text: RegExp): number => lines.findIndex((line) => text.test(line));
    const before = [
      new RegExp(webAdmin.url),
      new RegExp(`^password +${DEMO_PASSWORD}, for each of these users:$`),
      /^demo +has no second factor yet$/,
      /^demo-totp +has an authenticator app$/,
      new RegExp(`^demo-totp seed: ${DEMO_TOTP_SEED}$`),
      /^demo-sms +gets codes by text message, to \+\d+$/,
      /^demo-email +gets codes by e-mail, to \S+@\S+$/,
      /^demo-key +is told how to try a security key$/,
      /^admin +an administrator$/,
      ...STORY.map((name) => new RegExp(`^${name} seed: [A-Z2-7]{32}$`)),
      /^demo-lost phone: \+61\d{9}$/,
      /^outbox .*\/outbox$/,
      /^codes +by text message and e-mail$/,
    ].map(find);
    expect(Math.min(...before)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...before)).toBeLessThan(find(/WebAdmin is ready/));
    expect(lines.filter((line) => line.includes(DEMO_PASSWORD))).toHaveLength(1);
    expect((await fetch(webAdmin.url)).status).toBe(200);
    expect((await fetch(`${webAdmin.url}/webadmin.css`)).headers.get('content-type')).toMatch(/^text\/css/);
    await webAdmin.stop();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s, also with a connection open',
    async (signal) => {
      const port = await freePort();
      const { code } = await runWebAdmin({ PORT: String(port) }, async (pid) => {
        await (await fetch(`http://localhost:${port}`)).text();
        process.kill(pid, signal);
      });
      expect(code).toBe(0);
    },
  );

  it('says in one line that its port is taken', async () => {
    const port = await freePort();
    const taken = await new Promise<Server>((resolve) => {
      const server = createServer().listen(port, () => resolve(server));
    });
    const { code, output } = await runWebAdmin({ PORT: String(port) });
    expect(code).toBe(1);
    expect(output.split('\n').at(-2)).toBe(
      `WebAdmin can't start. Port ${port} is in use. Give another: PORT=${port + 1}`,
    );
    taken.close();
  });

  it('says in one line which setting is wrong', async () => {
    const { code, output } = await runWebAdmin({ PORT: 'http' });
    expect(code).toBe(1);
    expect(output).toMatch(oneLine('PORT'));
  });

  it('keeps no factor where a restart loses it in production, unless it is told that this is fine', async () => {
    const production = { NODE_ENV: 'production', SCRYPT_COST: '15' };
    const { code, output } = await runWebAdmin(production);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(oneLine('MONGODB_URI must be set .*ACCEPT_LOSS')),
    ]);
    const told = await startWebAdmin({ ...production, ACCEPT_LOSS: '1' });
    expect((await fetch(told.url)).status).toBe(200);
    await told.stop();
  });

  it('says in one line, and without its password, which store is not there', async () => {
    const port = await freePort();
    const [redis, mongo, nonsense] = await Promise.all([
      runWebAdmin({ REDIS_URL: `redis://user:secret@127.0.0.1:${port}` }),
      runWebAdmin({ MONGODB_URI: `mongodb://user:secret@127.0.0.1:${port}/x` }),
      runWebAdmin({ MONGODB_URI: 'nonsense' }),
    ]);
    expect(redis.output).toMatch(oneLine(`Redis at 127\\.0\\.0\\.1:${port} `));
    expect(mongo.output).toMatch(oneLine(`MongoDB at 127\\.0\\.0\\.1:${port} `));
    expect(nonsense.output).toMatch(oneLine('MongoDB '));
    expect(redis.output + mongo.output).not.toContain('secret');
    expect([redis.code, mongo.code, nonsense.code]).toEqual([1, 1, 1]);
  });
});

describeIf(['redis', 'mongo-server'], 'the process of the example app with both stores', () => {
  it('says when what it stores will be unreadable, and stops also while they are frozen', async () => {
    const [redis, mongo] = await Promise.all([startRedis(), startMongo()]);
    const env = { REDIS_URL: redis.url, MONGODB_URI: `${mongo.url}/webadmin` };
    const { code, output } = await runWebAdmin({ ...env, PORT: String(await freePort()) }, (pid) => {
      redis.freeze();
      mongo.freeze();
      process.kill(pid, 'SIGTERM');
    });
    expect(code).toBe(0);
    expect(output).toMatch(/^WARNING +TWO_FACTOR_KEY/m);
    const refused = await runWebAdmin(env);
    expect(refused).toEqual({ code: 1, output: expect.stringMatching(oneLine('MongoDB at ')) });
    await Promise.all([redis.stop(), mongo.stop()]);
  });

  it('shares sessions, codes and the outbox between processes with one key', async () => {
    const [redis, mongo] = await Promise.all([startRedis(), startMongo()]);
    const env = {
      REDIS_URL: redis.url,
      MONGODB_URI: `${mongo.url}/webadmin`,
      TWO_FACTOR_KEY: 'ab'.repeat(32),
      ORIGIN,
    };
    const [one, two] = await Promise.all([startWebAdmin(env), startWebAdmin(env)]);
    const login = await signInAt(one.url, 'demo');
    const me = await fetch(`${two.url}/api/me`, { headers: { Cookie: cookieOf(login) } });
    expect(await me.json()).toMatchObject({ username: 'demo' });

    const half = await signInAt(one.url, 'demo-sms');
    expect(half.status).toBe(401);
    const send = await fetch(`${one.url}/2fa/otp-sms/send`, postOf({}, cookieOf(half)));
    expect(send.status).toBe(200);
    const outbox = await (await fetch(`${two.url}/outbox.json`)).json();
    expect(outbox).toEqual([
      { at: expect.any(String), channel: 'sms', to: DEMO_PHONE, text: expect.any(String) },
    ]);
    const code = codeIn((outbox as [{ channel: string; text: string }])[0]);
    const passed = await fetch(`${two.url}/2fa/otp-sms`, postOf({ code }, cookieOf(half)));
    expect(await passed.json()).toMatchObject({ status: 'passed' });
    await Promise.all([one.stop(), two.stop(), redis.stop(), mongo.stop()]);
  });
});
