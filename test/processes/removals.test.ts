import { randomBytes } from 'node:crypto';
import { toUserId } from '../../lib/account/user-id';
import { toBase32 } from '../../lib/crypto/base32';
import { mongoAccounts, type MongoAccounts } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { browser, codeAt, errorCode, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { hostApp, type HostApp } from '../support/host-app';
import { describeIf } from '../support/needs';
import { freshDatabase, freshRedis, type FreshDatabase, type FreshRedis } from '../support/servers';

const ROUNDS = process.env.TEST_LONG ? 50 : 10;

describeIf(['redis', 'mongo'], 'Of two removals at once that would leave no factor', () => {
  let database: FreshDatabase;
  let redis: FreshRedis;
  let hosts: readonly [HostApp, HostApp];
  let accounts: MongoAccounts;

  beforeAll(async () => {
    database = await freshDatabase();
    redis = await freshRedis();
    accounts = mongoAccounts(database.connection);
    const host = (): HostApp =>
      hostApp({
        keepFactors: 1,
        accounts: mongoAccounts(database.connection),
        pending: redisPending(redis.redis, { prefix: redis.prefix }),
      });
    hosts = [host(), host()];
  });
  afterAll(async () => {
    await database.close();
    await redis.close();
  });

  interface Owner {
    readonly name: string;
    readonly id: string;
    readonly factors: readonly { readonly id: string; readonly seed: string }[];
  }

  async function ownerOfTwoApps(): Promise<Owner> {
    const name = `n${randomBytes(5).toString('hex')}`;
    const id = `id-${name}`;
    const factors: { id: string; seed: string }[] = [];
    for (const host of hosts) {
      host.users.set(name, { id, name: `${name}@example.com` });
      const seed = toBase32(randomBytes(20));
      const factor = { type: 'totp', secret: seed, label: `App ${factors.length}` } as const;
      const imported = await host.twoFactor.importFactor(id, factor);
      if (!imported.ok) throw new Error(imported.code);
      factors.push({ id: imported.factorId, seed });
    }
    return { name, id, factors };
  }

  async function signIn(host: HostApp, name: string, seed: string): Promise<BrowserAgent> {
    const agent = browser(host.app);
    await agent.signIn(name).expect(401);
    await agent.post('/2fa/totp', { code: codeAt(seed, host.clock.now()) }).expect(200);
    return agent;
  }

  async function expectOneRemoved(
    owner: Owner,
    agents: readonly [BrowserAgent, BrowserAgent],
  ): Promise<void> {
    const answers = await Promise.all(
      owner.factors.map(({ id }, at) => (agents[at] ?? agents[0]).post(`/2fa/security/factors/${id}/remove`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // The removal that won has ended the other login.
    const refused = answers.filter(({ status }) => status !== 200).map(errorCode);
    expect(['last_factor', 'sign_in_required']).toContain(refused[0]);
    expect((await accounts.load(toUserId(owner.id)))?.factors).toHaveLength(1);
    for (const agent of agents) await removeTheLast(owner, agent);
  }

  /** Whoever is still signed in cannot do it one after the other either. */
  async function removeTheLast(owner: Owner, agent: BrowserAgent): Promise<void> {
    const [left] = (await accounts.load(toUserId(owner.id)))?.factors ?? [];
    const remove = async () => errorCode(await agent.post(`/2fa/security/factors/${left?.id}/remove`));
    let refused = await remove();
    if (refused === 'step_up_required') {
      // The factor that the login was proven by is the one that went.
      const { seed = '' } = owner.factors.find(({ id }) => id === left?.id) ?? {};
      for (const { clock } of hosts) clock.move(30 * seconds);
      await agent.post('/2fa/totp', { code: codeAt(seed, hosts[0].clock.now()) }).expect(200);
      refused = await remove();
    }
    expect(['last_factor', 'sign_in_required']).toContain(refused);
  }

  it(`one fails, from two logins at two instances, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const owner = await ownerOfTwoApps();
      const [one, two] = owner.factors;
      await expectOneRemoved(owner, [
        await signIn(hosts[0], owner.name, one?.seed ?? ''),
        await signIn(hosts[1], owner.name, two?.seed ?? ''),
      ]);
    }
  });

  it(`one fails, from two tabs of one login, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const owner = await ownerOfTwoApps();
      const agent = await signIn(hosts[0], owner.name, owner.factors[0]?.seed ?? '');
      await expectOneRemoved(owner, [agent, agent]);
    }
  });
});
