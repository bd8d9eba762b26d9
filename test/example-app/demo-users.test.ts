import { addDemoUsers, DEMO_PASSWORD, DEMO_TOTP_SEED } from '../../example-app/demo-users';
import { fromBase32 } from '../../lib/crypto/base32';
import { describeIf } from '../support/needs';
import { freshDatabase, type FreshDatabase } from '../support/servers';
import { openWebAdmin, signInWithCode, visit, type RunningWebAdmin } from './web-admin';

const seedAgain = ({ stores, passwords, twoFactor }: RunningWebAdmin): Promise<void> =>
  addDemoUsers(stores.users, passwords, twoFactor);

function areSeededOnce(open: () => Promise<RunningWebAdmin>): void {
  let webAdmin: RunningWebAdmin;
  beforeEach(async () => {
    webAdmin = await open();
  });
  afterEach(() => webAdmin.close());

  it('gives demo-totp one factor, and only to them', async () => {
    expect((await webAdmin.twoFactor.statusOf('user-demo-totp')).factors).toHaveLength(1);
    expect((await webAdmin.twoFactor.statusOf('user-demo')).enabled).toBe(false);
    expect((await webAdmin.twoFactor.statusOf('user-admin')).enabled).toBe(false);
    expect((await webAdmin.stores.users.findById('user-admin'))?.isAdmin).toBe(true);
    await signInWithCode(visit(webAdmin));
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
    const before = await webAdmin.twoFactor.statusOf('user-demo-totp');
    await Promise.all([seedAgain(webAdmin), seedAgain(webAdmin)]);
    expect(await webAdmin.twoFactor.statusOf('user-demo-totp')).toEqual(before);
    await visitor.getJson('/api/me').expect(200);
  });
}

describe('demo users in memory', () => {
  areSeededOnce(() => openWebAdmin());

  it('have a seed of 20 bytes', () => {
    expect(fromBase32(DEMO_TOTP_SEED)).toHaveLength(20);
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
    expect(await database.connection.collection('users').countDocuments()).toBe(3);
    expect((await first?.twoFactor.statusOf('user-demo-totp'))?.factors).toHaveLength(1);
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
