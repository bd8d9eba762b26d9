import { mongoAccounts } from '../../lib/mongo';
import { browser, codeAt, enrolTotp, errorCode, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { testKey, type HostApp } from '../support/host-app';
import { addKey, enrolKey, localKey, passkeysApp, proveKey } from '../support/keys';
import { describeIf } from '../support/needs';
import { freshDatabase, mongoUrl, type FreshDatabase } from '../support/servers';
import type { SoftKey } from '../support/soft-key';
import { mongoose8 } from '../support/mongoose8';

type Document = { _id: string; [field: string]: unknown };
type Factor = Record<string, unknown>;

interface Scene extends HostApp {
  readonly ann: { readonly secret: string; readonly backupCodes: string[] };
  readonly mallory: { readonly key: SoftKey; readonly handle: string };
  /** What a thief who can write to the database makes of a document. */
  readonly write: (id: string, change: (document: Document) => void) => Promise<void>;
  readonly read: (id: string) => Promise<Document>;
  /** What was told of accounts that were tampered with: user and reason. */
  readonly told: unknown[];
}

describeIf('mongo', 'Whoever writes to the database', () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.close());

  /** ann has an app and backup codes, mallory a passkey; both by the pages. */
  async function scene(): Promise<Scene> {
    const host = passkeysApp({ accounts: mongoAccounts(database.connection), deadline: '30s' });
    const collection = database.connection.collection<Document>('second_factor_accounts');
    const told: unknown[] = [];
    host.twoFactor.on('account.tampered', ({ userId, reason }) => told.push([userId, reason]));
    const owner = browser(host.app);
    await owner.signIn('ann').expect(200);
    const ann = await enrolTotp(owner, host.clock.now());
    const key = localKey();
    const thief = browser(host.app);
    await thief.signIn('bob').expect(200);
    const { handle } = await enrolKey(thief, key);
    host.clock.move(90 * seconds);
    const read = async (id: string) => {
      const document = await collection.findOne({ _id: id });
      if (!document) throw new Error(`there is no ${id}`);
      return document;
    };
    return {
      ...host,
      ann,
      mallory: { key, handle },
      told,
      read,
      write: async (id, change) => {
        const document = await read(id);
        change(document);
        await collection.deleteOne({ _id: id });
        await collection.insertOne(document);
      },
    };
  }

  const refused = { status: 503, code: 'unavailable' };
  const outcomeOf = (answer: { status: number; body: object }) => ({
    status: answer.status,
    code: errorCode(answer as never),
  });

  async function byPasskey({ app }: Scene, key: SoftKey, userHandle: string): Promise<BrowserAgent> {
    const agent = browser(app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle });
    expect(outcomeOf(await agent.post('/2fa/passkey', { response }))).not.toMatchObject({ status: 200 });
    return agent;
  }

  it('signs nobody in with a key and a handle written into their account', async () => {
    const here = await scene();
    const { key, handle } = here.mallory;
    const bobs = await here.read('id-bob');
    await here.write('id-bob', (document) => {
      document.factors = [];
      delete document.handle;
    });
    await here.write('id-ann', (document) => {
      document.factors = [...(document.factors as Factor[]), ...(bobs.factors as Factor[])];
      document.handle = handle;
    });
    const agent = await byPasskey(here, key, handle);
    expect((await agent.get('/me')).body.user).toBeNull();
    expect(here.told).toEqual([['id-ann', 'changed']]);
    // With the password too.
    expect(outcomeOf(await browser(here.app).signIn('ann'))).toEqual(refused);
  });

  it('signs nobody in with an account of their own under someone else’s id', async () => {
    const here = await scene();
    const bobs = await here.read('id-bob');
    const collection = database.connection.collection<Document>('second_factor_accounts');
    await collection.deleteMany({});
    await collection.insertOne({ ...bobs, _id: 'id-ann' });
    const agent = await byPasskey(here, here.mallory.key, here.mallory.handle);
    expect((await agent.get('/me')).body.user).toBeNull();
    const half = browser(here.app);
    expect(outcomeOf(await half.signIn('ann'))).toEqual(refused);
    expect(here.told).toEqual([
      ['id-ann', 'changed'],
      ['id-ann', 'changed'],
    ]);
  });

  it('revives no backup code that was used', async () => {
    const here = await scene();
    const [code] = here.ann.backupCodes;
    const half = browser(here.app);
    await half.signIn('ann').expect(401);
    await half.post('/2fa/backup-code', { code }).expect(200);
    const thief = browser(here.app);
    await thief.signIn('ann').expect(401);
    await here.write('id-ann', (document) => {
      const { codes } = document.backupCodes as { codes: { usedAt: number | null }[] };
      for (const one of codes) one.usedAt = null;
    });
    expect(outcomeOf(await thief.post('/2fa/backup-code', { code }))).toEqual(refused);
    expect((await thief.get('/me')).status).toBe(503);
  });

  it.each<[string, (document: Document) => void]>([
    ['without factors', (document) => void (document.factors = [])],
    ['with factors that are no list', (document) => void (document.factors = {})],
    ['without its codes', (document) => void (document.backupCodes = null)],
    ['of an earlier epoch', (document) => void (document.epoch = Number(document.epoch) - 1)],
    ['with full lanes', (document) => void (document.lanes = { known: lane, others: lane })],
    ['with no lanes', (document) => void delete document.lanes],
    ['with a code that was not used up', (document) => void (first(document).usedUpTo = 0)],
    ['with another seed', (document) => void (first(document).secret = '1.00000000.AAAA')],
    ['with a browser that was never here', (document) => void (document.browsers = [{ digest: 'x' }])],
    ['with another rev', (document) => void (document.rev = 'another')],
    ['with a field that nobody knows', (document) => void (document.later = 1)],
    ['of another schema', (document) => void (document.schema = 0)],
    ['of no schema', (document) => void delete document.schema],
    ['without a MAC', (document) => void delete document.mac],
    ['with a MAC that is no text', (document) => void (document.mac = 1)],
    [
      'with a MAC of its own making',
      (document) => void (document.mac = `1.${keyId(document)}.${'A'.repeat(43)}`),
    ],
  ])('changes nothing for anybody: an account %s is unavailable, for its user alone', async (_, change) => {
    const here = await scene();
    const half = browser(here.app);
    await half.signIn('ann').expect(401);
    await here.write('id-ann', change);
    const code = codeAt(here.ann.secret, here.clock.now());
    expect(outcomeOf(await half.post('/2fa/totp', { code }))).toEqual(refused);
    expect(outcomeOf(await browser(here.app).signIn('ann'))).toEqual(refused);
    await expect(here.twoFactor.verify('id-ann', 'totp', { code })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(new Set(here.told.map((one) => JSON.stringify(one)))).toEqual(new Set(['["id-ann","changed"]']));

    const other = browser(here.app);
    await other.signIn('bob').expect(401);
    expect((await proveKey(other, here.mallory.key)).status).toBe(200);
    // Walks go on, and say what they could not read.
    const { keyId: first = '' } = (await here.twoFactor.keys.usage())[0] ?? {};
    expect(await here.twoFactor.keys.usage()).toEqual([
      { keyId: first, accounts: 1 },
      { keyId: 'unreadable', accounts: 1 },
    ]);
    expect(await here.twoFactor.keys.reseal()).toBe(0);
    await here.twoFactor.forget('id-ann');
    await browser(here.app).signIn('ann').expect(200);
  });

  it('keeps nobody signed in whose account says something else', async () => {
    const here = await scene();
    const agent = browser(here.app);
    await agent.signIn('ann').expect(401);
    await agent.post('/2fa/totp', { code: codeAt(here.ann.secret, here.clock.now()) }).expect(200);
    await here.write('id-ann', (document) => void (document.factors = []));
    here.clock.move(61 * seconds);
    expect((await agent.get('/me')).status).toBe(503);
    // Nobody was signed out: the account is as it was again.
    expect((await agent.get('/2fa/security')).status).toBe(503);
  });

  it('may be another version of Mongoose: what one wrote, the other reads', async () => {
    const here = await scene();
    const connection = await mongoose8.createConnection(mongoUrl(), { dbName: database.name }).asPromise();
    const other = passkeysApp({ accounts: mongoAccounts(connection), clock: here.clock, deadline: '30s' });
    const half = browser(other.app);
    await half.signIn('ann').expect(401);
    await half.post('/2fa/totp', { code: codeAt(here.ann.secret, here.clock.now()) }).expect(200);
    expect((await addKey(half, localKey(-7, Buffer.from('another key')))).status).toBe(201);
    expect(await here.twoFactor.statusOf('id-ann')).toMatchObject({ types: ['totp', 'webauthn'] });
    expect(await other.twoFactor.keys.usage()).toEqual([{ keyId: expect.any(String), accounts: 2 }]);
    await connection.close();
  });

  it('has no key: one that the app took out of its ring says so', async () => {
    const here = await scene();
    const told: unknown[] = [];
    const later = passkeysApp({
      accounts: mongoAccounts(database.connection),
      keys: ['22'.repeat(32)],
      clock: here.clock,
    });
    later.twoFactor.on('account.tampered', ({ userId, reason }) => told.push([userId, reason]));
    await expect(later.twoFactor.statusOf('id-ann')).rejects.toMatchObject({
      code: 'unavailable',
      help: 'Put the key that wrote it back into `keys`, after the first one.',
    });
    expect(told).toEqual([['id-ann', 'unknown_key']]);
    expect(JSON.stringify(told)).not.toContain(testKey);
  });
});

const lane = { left: 10, at: 0, wrong: 0 };
const first = (document: Document): Factor => (document.factors as Factor[])[0] ?? {};
const keyId = (document: Document): string => String(document.mac).split('.')[1] ?? '';
