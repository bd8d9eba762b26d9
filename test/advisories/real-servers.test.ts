import type { UserId } from '../../lib/account/account';
import { mongoAccounts } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { hostApp } from '../support/host-app';
import { describeIf } from '../support/needs';
import { freshDatabase, freshRedis, type FreshDatabase, type FreshRedis } from '../support/servers';
import { count, isLong, withAnn, wrongCode } from './cast';

const rounds = isLong ? 10 : 2;

describeIf(['redis', 'mongo'], 'On Redis and MongoDB', () => {
  let database: FreshDatabase;
  let cache: FreshRedis;
  beforeEach(async () => {
    [database, cache] = await Promise.all([freshDatabase(), freshRedis()]);
  });
  afterEach(async () => {
    await Promise.all([database.close(), cache.close()]);
  });
  const stores = () => ({
    accounts: mongoAccounts(database.connection),
    pending: redisPending(cache.redis, { prefix: cache.prefix }),
    deadline: '30s' as const,
  });

  it.each(['Keycloak issue #26106', 'CVE-2026-33624'])(
    '%s: of twenty parallel uses of one backup code one signs in',
    async () => {
      const cast = await withAnn(stores());
      for (let round = 0; round < rounds; round += 1) {
        const agents: BrowserAgent[] = [];
        for (let nth = 0; nth < 20; nth += 1) agents.push(await halfLogin(cast));
        const code = cast.backupCodes[round];
        const answers = await Promise.all(agents.map((agent) => agent.post('/2fa/backup-code', { code })));
        expect(count(answers, ({ status }) => status === 200)).toBe(1);
        expect(new Set(answers.map(errorCode))).toEqual(new Set([undefined, 'code_used']));
      }
    },
    60_000,
  );

  it('better-auth issue #10387: of twenty parallel uses of one TOTP code one signs in', async () => {
    const cast = await withAnn(stores());
    const agents: BrowserAgent[] = [];
    for (let nth = 0; nth < 20; nth += 1) agents.push(await halfLogin(cast));
    const code = cast.code();
    const answers = await Promise.all(agents.map((agent) => agent.post('/2fa/totp', { code })));
    expect(count(answers, ({ status }) => status === 200)).toBe(1);
  }, 60_000);

  it('CVE-2026-35597: the counters are numbers on Redis too, and the lock does fire', async () => {
    const cast = await withAnn(stores());
    const seen: unknown[] = [];
    for (let login = 0; login < 3; login += 1) {
      const other = await halfLogin(cast);
      for (let nth = 0; nth < 6; nth += 1) {
        const { status, body } = await other.post('/2fa/totp', { code: cast.wrong() });
        seen.push(body.error.triesLeft ?? status);
      }
    }
    expect(seen).toEqual([4, 3, 2, 1, 0, 401, 4, 3, 2, 1, 0, 401, 429, 429, 429, 429, 429, 429]);
  }, 60_000);

  it('CVE-2026-27801: another process, and an emptied Redis, find the same count', async () => {
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const first = hostApp(stores());
    await first.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    const second = hostApp(stores());
    const wrong = wrongCode(secret, first.clock.now());
    for (const host of [first, second]) {
      const other = await halfLogin(host);
      for (let nth = 0; nth < 5; nth += 1) await other.post('/2fa/totp', { code: wrong }).expect(401);
    }
    const keys = await cache.redis.keys(`${cache.prefix}*`);
    await cache.redis.del(keys);
    const other = await halfLogin(second);
    await other.post('/2fa/totp', { code: codeAt(secret, second.clock.now()) }).expect(429);
    expect((await second.options.accounts.load('id-ann' as UserId))?.lanes.others.left).toBe(0);
  }, 60_000);

  it('ASVS 16.2.5: Redis and MongoDB hold no secret and no code in the clear', async () => {
    const cast = await withAnn(stores());
    await cast.ann.get('/2fa/security/totp').expect(200);
    await cast.ann.post('/2fa/security/backup-codes').expect(201);
    const keys = await cache.redis.keys(`${cache.prefix}*`);
    const values = await Promise.all(
      keys.map(async (key) => `${key} ${(await cache.redis.dump(key)) ?? ''}`),
    );
    const documents = await database.connection.collection('second_factor_accounts').find({}).toArray();
    const everything = values.join('\n') + JSON.stringify(documents);
    expect(keys.length).toBeGreaterThan(3);
    expect(documents).toHaveLength(1);
    for (const secret of [
      cast.secret,
      ...cast.backupCodes,
      ...cast.backupCodes.map((one) => one.replace(/-/g, '')),
    ]) {
      expect(everything).not.toContain(secret);
    }
    // And every key of ours goes by itself.
    for (const key of keys) expect(await cache.redis.pttl(key)).toBeGreaterThan(0);
  }, 60_000);
});
