import {
  addDemoUsers,
  DEMO_MAILBOX,
  DEMO_PASSWORD,
  DEMO_PHONE,
  DEMO_TOTP_SEED,
  DEMO_USERS,
  seedsOf,
} from '../../example-app/demo-users';
import { contactsOf } from '../../example-app/two-factor';
import { fromBase32 } from '../../lib/crypto/base32';
import { codeAt } from '../support/browser-agent';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';
import { codeIn, openWebAdmin, signInWithCode, visit, type RunningWebAdmin } from './web-admin';

/** Who has lost access, who vouches, and who decides. */
const STORY = ['admin', 'demo-reviewer', 'demo-reviewer-2', 'demo-auditor', 'demo-lost', 'demo-peer'];

const seedAgain = ({ stores, passwords, twoFactor, settings }: RunningWebAdmin): Promise<void> =>
  addDemoUsers(stores.users, passwords, twoFactor, settings);

function areSeededOnce(open: () => Promise<RunningWebAdmin>): void {
  let webAdmin: RunningWebAdmin;
  beforeEach(async () => {
    webAdmin = await open();
  });
  afterEach(() => webAdmin.close());

  it('gives demo-totp one factor, and only to them', async () => {
    expect((await webAdmin.twoFactor.statusOf('user-demo-totp')).factors).toHaveLength(1);
    expect((await webAdmin.twoFactor.statusOf('user-demo')).enabled).toBe(false);
    expect((await webAdmin.stores.users.findById('user-admin'))?.isAdmin).toBe(true);
    await signInWithCode(visit(webAdmin));
  });

  it('gives everybody of the story of lost access an app of their own', async () => {
    for (const username of STORY) {
      const { seed = '' } = seedsOf(DEMO_USERS).find((one) => one.username === username) ?? {};
      const visitor = visit(webAdmin);
      await visitor.signIn(username).expect(401);
      await visitor.json('/2fa/totp', { code: codeAt(seed, Date.now()) }).expect(200);
    }
  });

  it('has the phone of demo-lost on file, and their mailbox, and one peer of theirs', async () => {
    const lost = await webAdmin.stores.users.findByIdentifier('demo-lost@example.com');
    expect(lost).toMatchObject({ username: 'demo-lost', phone: expect.stringMatching(/^\+61\d{9}$/) });
    const { factors } = await webAdmin.twoFactor.statusOf('user-demo-lost');
    expect(factors.map(({ type }) => type)).toEqual(['totp', 'otp-sms']);
    expect(
      (await webAdmin.stores.users.peersOf({ id: '', customer: null, ...lost })).map(({ id }) => id),
    ).toEqual(['user-demo-peer']);
    expect(lost && contactsOf(lost)).toMatchObject([
      { channel: 'email', address: 'demo-lost@example.com' },
      { channel: 'sms', address: lost?.phone },
    ]);
  });

  it.each([
    ['demo-sms', 'otp-sms', DEMO_PHONE, '•••••••56', ['sms', 'mfa']],
    ['demo-email', 'otp-email', DEMO_MAILBOX, 'p•••@e•••.com', ['mfa']],
  ] as const)('lets %s in by a code in the outbox', async (username, type, to, hint, amr) => {
    const visitor = visit(webAdmin);
    await visitor.signIn(username).expect(401);
    const owed = await visitor.getJson('/2fa').expect(200);
    expect(owed.body).toMatchObject({ status: 'owed', preferred: type, factors: [{ type, hint }] });
    expect(await webAdmin.stores.outbox.list()).toEqual([]);
    const sent = await visitor.json(`/2fa/${type}/send`).expect(200);
    expect(sent.body.sentTo).toBe(hint);
    const [message] = (await visitor.getJson('/outbox.json').expect(200)).body;
    expect(message).toMatchObject({ at: expect.any(String), channel: type.slice(4), to });
    expect((await visitor.getPage('/outbox').expect(200)).text).toContain(codeIn(message));
    await visitor.json(`/2fa/${type}`, { code: codeIn(message) }).expect(200);
    const me = await visitor.getJson('/api/me').expect(200);
    expect(me.body).toMatchObject({
      username,
      twoFactor: { enabled: true, amr: expect.arrayContaining(amr) },
    });
  });

  it('leaves a changed password and a removed factor alone', async () => {
    await webAdmin.twoFactor.forget('user-demo-totp');
    const visitor = visit(webAdmin);
    await visitor.signIn('demo-totp').expect(200);
    const change = { currentPassword: DEMO_PASSWORD, newPassword: 'something of my own' };
    await visitor.json('/account/password', change).expect(200);
    await seedAgain(webAdmin);
    await visit(webAdmin).signIn('demo-totp').expect(401);
    await visit(webAdmin).signIn('demo-totp', 'something of my own').expect(200);
  });

  it('changes nothing the second time, nor does it sign anybody out', async () => {
    const visitor = visit(webAdmin);
    await signInWithCode(visitor);
    const statuses = () => Promise.all(DEMO_USERS.map(({ id }) => webAdmin.twoFactor.statusOf(id)));
    const before = await statuses();
    await Promise.all([seedAgain(webAdmin), seedAgain(webAdmin)]);
    expect(before.map(({ factors }) => factors.length)).toEqual(
      DEMO_USERS.map((user) => user.factors.length),
    );
    expect(await statuses()).toEqual(before);
    await visitor.getJson('/api/me').expect(200);
  });
}

describe('demo users in memory', () => {
  areSeededOnce(() => openWebAdmin());

  it('get their mail at a mailbox that is no user name', () => {
    const [mailbox = ''] = DEMO_MAILBOX.split('@');
    expect(DEMO_USERS.map(({ username }) => username)).not.toContain(mailbox);
    expect(DEMO_USERS.map(({ email }) => email)).not.toContain(DEMO_MAILBOX);
  });

  it('have a seed of 20 bytes, each their own', () => {
    const seeds = seedsOf(DEMO_USERS).map(({ seed }) => seed);
    expect(seeds).toContain(DEMO_TOTP_SEED);
    for (const seed of seeds) expect(fromBase32(seed)).toHaveLength(20);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describeIf('mongo', 'demo users in MongoDB', () => {
  let database: FreshDatabase;
  const uri = (): string => `${process.env.TEST_MONGODB_URI}/${database.name}`;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  areSeededOnce(() => openWebAdmin({ MONGODB_URI: uri() }));

  it('are added once by processes that start together', async () => {
    const started = await Promise.all(Array.from({ length: 3 }, () => openWebAdmin({ MONGODB_URI: uri() })));
    const [first] = started;
    expect(await database.connection.collection('users').countDocuments()).toBe(DEMO_USERS.length);
    for (const id of ['user-demo-totp', 'user-demo-sms', 'user-demo-email'])
      expect((await first?.twoFactor.statusOf(id))?.factors).toHaveLength(1);
    await Promise.all(started.map((each) => each.close()));
  });

  it('are completed by the next start when one died before it was through', async () => {
    const first = await openWebAdmin({ MONGODB_URI: uri() });
    await first.close();
    // The factor is stored before the user, so this is what a death in between leaves.
    await database.connection.collection<{ _id: string }>('users').deleteOne({ _id: 'user-demo-totp' });
    const second = await openWebAdmin({ MONGODB_URI: uri() });
    expect((await second.twoFactor.statusOf('user-demo-totp')).factors).toHaveLength(1);
    await signInWithCode(visit(second));
    await second.close();
  });
});
