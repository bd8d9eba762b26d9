import request from 'supertest';
import { DEMO_TOTP_SEED } from '../../example-app/demo-users';
import { codeAt } from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { describeIf } from '../support/needs';
import { startMongo, startRedis, type OwnServer } from '../support/servers';
import { codeIn, openWebAdmin, signInWithCode, visit, type RunningWebAdmin, type Visitor } from './web-admin';

const timeOf = async (visitor: Visitor): Promise<number> =>
  Date.parse((await visitor.getJson('/demo/clock').expect(200)).body.now);
const forward = (visitor: Visitor, span: string) =>
  visitor.json('/demo/clock', { forward: span }).expect(200);

/** Tests take a while, too. */
const A_WHILE = 20 * seconds;

async function sendCode(visitor: Visitor): Promise<string> {
  await visitor.json('/2fa/otp-sms/send').expect(200);
  return codeIn((await visitor.getJson('/outbox.json')).body[0]);
}

/** What has to be the same wherever things are kept. */
function isTheClockOfEverything(open: () => Promise<RunningWebAdmin>): void {
  let webAdmin: RunningWebAdmin;
  let visitor: Visitor;
  beforeEach(async () => {
    webAdmin = await open();
    visitor = visit(webAdmin);
  });
  afterEach(() => webAdmin.close());

  it('is the real one until somebody moves it', async () => {
    expect(Math.abs((await timeOf(visitor)) - Date.now())).toBeLessThan(A_WHILE);
    const { body } = await forward(visitor, '72h');
    expect(Object.keys(body)).toEqual(['now']);
    expect(Math.abs(Date.parse(body.now) - Date.now() - 3 * days)).toBeLessThan(A_WHILE);
    await forward(visitor, '90m');
    const ahead = (await timeOf(visitor)) - Date.now();
    expect(Math.abs(ahead - 3 * days - 90 * minutes)).toBeLessThan(A_WHILE);
  });

  it('ends codes and half logins, and dates what is sent', async () => {
    await visitor.signIn('demo-sms').expect(401);
    const code = await sendCode(visitor);
    await forward(visitor, '11m');
    const late = await visitor.json('/2fa/otp-sms', { code }).expect(401);
    expect(late.body.error.code).not.toBe('second_factor_required');
    await forward(visitor, '72h');
    expect((await visitor.json('/2fa/otp-sms/send')).status).toBe(401);
    expect((await visitor.getJson('/2fa')).body.status).not.toBe('owed');

    await visitor.signIn('demo-sms').expect(401);
    await sendCode(visitor);
    const [{ at }] = (await visitor.getJson('/outbox.json')).body;
    expect(Math.abs(Date.parse(at) - (await timeOf(visitor)))).toBeLessThan(A_WHILE);
  });

  it('ends a login after 30 days and not before', async () => {
    await signInWithCode(visitor);
    await forward(visitor, '29d');
    await visitor.getJson('/api/me').expect(200);
    await forward(visitor, '2d');
    await visitor.getJson('/api/me').expect(401);
    await signInWithCode(visitor, await timeOf(visitor));
    await visitor.getJson('/api/me').expect(200);
  });

  it('is over a limit too', async () => {
    await visitor.signIn('demo-sms').expect(401);
    const statuses: number[] = [];
    for (let sent = 0; sent < 8 && !statuses.includes(429); sent += 1) {
      statuses.push((await visitor.json('/2fa/otp-sms/send')).status);
      await forward(visitor, '61s');
    }
    expect(statuses).toContain(429);
    await forward(visitor, '24h');
    await visitor.signIn('demo-sms').expect(401);
    await visitor.json('/2fa/otp-sms/send').expect(200);
  });

  it('is what an app goes by', async () => {
    await forward(visitor, '72h');
    await visitor.signIn('demo-totp').expect(401);
    await visitor.json('/2fa/totp', { code: codeAt(DEMO_TOTP_SEED, Date.now()) }).expect(401);
    const page = await visitor.getPage('/outbox').expect(200);
    const [code = ''] = /(?<=<dt[^>]*>demo-totp<\/dt><dd class="code">)\d{6}/.exec(page.text) ?? [];
    await visitor.json('/2fa/totp', { code }).expect(200);
  });
}

describe('the clock of the demo, in memory', () => {
  isTheClockOfEverything(() => openWebAdmin());
});

describeIf(['redis', 'mongo-server'], 'the clock of the demo, in MongoDB and Redis', () => {
  let redis: OwnServer;
  let mongo: OwnServer;
  let opened = 0;
  beforeAll(async () => {
    [redis, mongo] = await Promise.all([startRedis(), startMongo()]);
  });
  afterAll(() => Promise.all([redis.stop(), mongo.stop()]));

  const envOf = (nth: number) => ({
    MONGODB_URI: `${mongo.url}/demo${nth}`,
    REDIS_URL: `${redis.url}/${nth}`,
  });
  isTheClockOfEverything(() => openWebAdmin(envOf((opened += 1))));

  it('is one for all processes, also for those that start later', async () => {
    const env = envOf((opened += 1));
    const [one, two] = await Promise.all([openWebAdmin(env), openWebAdmin(env)]);
    await Promise.all([forward(visit(one), '24h'), forward(visit(two), '48h')]);
    const login = await visit(one).signIn('demo').expect(200);
    const [cookie = ''] = login.get('Set-Cookie') ?? [];
    await request(two.app).get('/api/me').set('Cookie', cookie.split(';', 1)).expect(200);
    const three = await openWebAdmin(env);
    for (const webAdmin of [one, two, three]) {
      const ahead = (await timeOf(visit(webAdmin))) - Date.now();
      expect(Math.abs(ahead - 72 * hours)).toBeLessThan(A_WHILE);
    }
    await Promise.all([one.close(), two.close(), three.close()]);
  });

  it('is the real one in production, whatever the database was used for', async () => {
    jest.spyOn(console, 'warn').mockReturnValue();
    const env = envOf((opened += 1));
    const demo = await openWebAdmin(env);
    await forward(visit(demo), '7d');
    const production = await openWebAdmin({ ...env, NODE_ENV: 'production', SCRYPT_COST: '15' });
    expect(Math.abs(production.stores.clock.now() - Date.now())).toBeLessThan(A_WHILE);
    await Promise.all([demo.close(), production.close()]);
  });
});

describe('moving the clock of the demo', () => {
  let webAdmin: RunningWebAdmin;
  let visitor: Visitor;
  beforeAll(async () => {
    webAdmin = await openWebAdmin();
    visitor = visit(webAdmin);
  });
  afterAll(() => webAdmin.close());

  it.each([
    [{}],
    [{ forward: '' }],
    [{ forward: 72 }],
    [{ forward: '72' }],
    [{ forward: '-72h' }],
    [{ forward: '0h' }],
    [{ forward: '1.5h' }],
    [{ forward: '1w' }],
    [{ forward: ' 1h' }],
    [{ forward: '1h 2m' }],
    [{ forward: ['1h'] }],
    [{ forward: '999999999d' }],
    [{ forward: '9999999999999s' }],
    [[]],
  ])('takes no %j', async (body) => {
    const before = await timeOf(visitor);
    const { body: answer } = await visitor.json('/demo/clock', body).expect(400);
    expect(answer.error).toMatchObject({ code: 'malformed', field: 'forward' });
    expect((await timeOf(visitor)) - before).toBeLessThan(A_WHILE);
  });

  it.each([
    ['1s', seconds],
    ['2m', 2 * minutes],
    ['3h', 3 * hours],
    ['4d', 4 * days],
  ])('takes %s', async (span, ms) => {
    const before = await timeOf(visitor);
    await forward(visitor, span);
    expect(Math.abs((await timeOf(visitor)) - before - ms)).toBeLessThan(A_WHILE);
  });

  it('is nothing that another site may do', async () => {
    const { body } = await visitor.agent
      .post('/demo/clock')
      .set('Origin', 'https://evil.com')
      .send({ forward: '1h' })
      .expect(403);
    expect(body.error.code).toBe('bad_origin');
  });

  it('leads a form back to the outbox, which says so', async () => {
    const page = await visitor.getPage('/outbox').expect(200);
    expect(page.text).toContain('name="forward" value="72h"');
    const { headers } = await visitor.form('/demo/clock', { forward: '72h' }).expect(303);
    const after = await visitor.getPage(String(headers.location)).expect(200);
    expect(after.text).toContain('The clock was moved.');
    expect((await visitor.form('/demo/clock', { forward: 'soon' }).expect(400)).text).toContain(
      'such as 72h',
    );
  });

  it('is possible between password and second factor', async () => {
    const half = visit(webAdmin);
    await half.signIn('demo-totp').expect(401);
    await half.getJson('/demo/clock').expect(200);
    await half.form('/demo/clock', { forward: '1m' }).expect(303);
    expect((await half.getJson('/2fa')).body.status).toBe('owed');
  });

  it('answers when all that is due was done, and in the end at all events', async () => {
    const tick = jest.spyOn(webAdmin.twoFactor, 'tick');
    const ticked = await webAdmin.twoFactor.tick();
    const done = (more: boolean) => ({ ...ticked, more });
    tick.mockClear();
    tick
      .mockResolvedValueOnce(done(true))
      .mockResolvedValueOnce(done(true))
      .mockResolvedValueOnce(done(false));
    await forward(visitor, '1h');
    expect(tick).toHaveBeenCalledTimes(3);
    tick.mockClear().mockResolvedValue(done(true));
    await forward(visitor, '1h');
    expect(tick).toHaveBeenCalledTimes(100);
    tick.mockRestore();
  });
});

describe('the clock of the demo in production', () => {
  it('does not exist', async () => {
    jest.spyOn(console, 'warn').mockReturnValue();
    const env = { NODE_ENV: 'production', ORIGIN: 'https://admin.example.com', SCRYPT_COST: '15' };
    const production = await openWebAdmin({ ...env, ACCEPT_LOSS: '1' });
    await request(production.app).get('/demo/clock').expect(404);
    await request(production.app).post('/demo/clock').send({ forward: '72h' }).expect(404);
    await production.close();
  });
});
