import type { Request, RequestHandler } from 'express';
import type { PassportStatic } from 'passport';
import { memoryAccounts, memoryPending, secondFactor, type SecondFactor } from '../../lib';
import { errorCode, type BrowserAgent } from '../support/browser-agent';
import type { TestUser } from '../support/host-app';
import { host, Passport7, preparePassport, seeds, sessionCookie, type Host } from '../hosts/host';
import { readSession, sidOf } from './session-data';

class StaffPassport extends Passport7 {
  init(): void {
    Object.assign(this, { _key: 'staff' });
    (Passport7.prototype as unknown as { init(): void }).init.call(this);
  }
}

/** Staff are other people, whose ids are those of customers: Dee is the one with Ann's. */
const staffMembers = () =>
  new Map([
    ['dee', { id: 'id-ann', name: 'dee@example.com' }],
    ['eve', { id: 'id-eve', name: 'eve@example.com' }],
  ]);

const staffOf = (req: Request) => (req as Request & { staff?: TestUser }).staff ?? null;

interface Door {
  arrived: () => void;
  opened: Promise<void>;
}

/** An app for customers and staff, who share its session cookie and nothing else. */
async function customersAndStaff({ door = null as Door | null, sharesPending = false } = {}) {
  const made: { staff?: SecondFactor<TestUser> } = {};
  const mountStaff = ({ app, clock, options }: Host): void => {
    const passport: PassportStatic = new StaffPassport();
    preparePassport(passport, staffMembers());
    const staff = secondFactor<TestUser>({
      ...options,
      passport,
      path: '/staff/2fa',
      accounts: memoryAccounts(),
      pending: sharesPending ? options.pending : memoryPending({ now: clock.now }),
    });
    made.staff = staff;
    app.use(passport.initialize({ userProperty: 'staff' }), passport.session(), staff.protect());
    app.post('/staff/login', passport.authenticate('local', { keepSessionInfo: true }), (req, res) => {
      res.json({ staff: staffOf(req) });
    });
    app.get('/staff/report', staff.requireProof({ within: '5m' }), (_req, res) => res.json({ report: true }));
    app.post('/staff/verify', staff.authenticate('totp'), (_req, res) => res.json({ verified: true }));
    app.use(passport.initialize({ userProperty: 'user' }));
  };
  const built = await host({
    aboveStep: mountStaff,
    routes: ({ app, twoFactor }) => {
      app.use('/both', (req, res) =>
        res.json({ user: (req.user as TestUser | undefined)?.id ?? null, staff: staffOf(req)?.id ?? null }),
      );
      app.post('/verify', twoFactor.authenticate('totp'), (_req, res) => res.json({ verified: true }));
      app.post('/cart', (req, res) => {
        req.session.cart = 'apples';
        res.json({});
      });
      const staffStep: RequestHandler = (...given) => made.staff?.sessionStep()(...given);
      app.get('/slow', staffStep, async (req, res) => {
        req.session.cart = 'late';
        door?.arrived();
        await door?.opened;
        res.json({});
      });
    },
  });
  const { staff } = made;
  if (!staff) throw new Error('there is no staff');
  await staff.importFactor('id-ann', { type: 'totp', secret: seeds.cyd, label: 'Phone of Dee' });
  const signInStaff = (agent: BrowserAgent, username: string) =>
    agent.post('/staff/login', { username, password: 'right' });
  return { built, staff, signInStaff };
}
const whoIs = async (agent: BrowserAgent): Promise<unknown> => (await agent.get('/both', 'image/*')).body;

describe('Two secondFactor() objects that one session may belong to', () => {
  it('each ask for a code of their own, and let their own user in', async () => {
    const { built, signInStaff } = await customersAndStaff();
    const ann = await built.signedIn('ann');
    expect(await whoIs(ann)).toEqual({ user: 'id-ann', staff: null });
    const dee = built.visitor();
    expect(errorCode(await signInStaff(dee, 'dee').expect(401))).toBe('second_factor_required');
    await dee.post('/staff/2fa/totp', { code: built.code('cyd') }).expect(200);
    expect(await whoIs(dee)).toEqual({ user: null, staff: 'id-ann' });
    await dee.get('/staff/report').expect(200);
  });

  it('take no login of the other for one of theirs, though the ids are the same', async () => {
    const { built, signInStaff } = await customersAndStaff();
    const ann = await built.signedIn('ann');
    expect(errorCode(await ann.get('/staff/report').expect(401))).toBe('sign_in_required');
    const dee = built.visitor();
    await signInStaff(dee, 'dee').expect(401);
    const code = built.code('ann');
    expect(errorCode(await dee.post('/verify', { code }).expect(401))).toBe('sign_in_required');
    expect(await whoIs(dee)).toEqual({ user: null, staff: null });
    const half = built.visitor();
    await half.signIn('ann').expect(401);
    expect(errorCode(await half.post('/staff/verify', { code: built.code('cyd') }).expect(401))).toBe(
      'sign_in_required',
    );
    await dee.post('/staff/verify', { code: built.code('cyd') }).expect(200);
    expect(errorCode(await dee.get('/billing').expect(401))).toBe('sign_in_required');
  });

  it('leave each other’s mark alone: who signs out stays out, whatever comes late', async () => {
    let [arrived, open] = [() => undefined as void, () => undefined as void];
    const isThere = new Promise<void>((resolve) => (arrived = resolve));
    const door = { arrived: () => arrived(), opened: new Promise<void>((resolve) => (open = resolve)) };
    const { built } = await customersAndStaff({ door });
    const bob = built.visitor();
    const cookie = sessionCookie(await bob.signIn('bob').expect(200)) ?? '';
    const other = () => built.visitor().get('/both').set('Cookie', cookie);
    expect((await other()).body).toEqual({ user: 'id-bob', staff: null });
    const late = built
      .visitor()
      .get('/slow')
      .set('Cookie', cookie)
      .then(() => undefined);
    await isThere;
    await bob.signOut().expect(200);
    open();
    await late;
    expect((await other()).body).toEqual({ user: null, staff: null });
    expect(await readSession(built.store, sidOf(cookie))).toBeNull();
  });

  it.each([true, false])(
    'have one login at a time: the last one, which keeps what the app keeps (one pending store: %s)',
    async (sharesPending) => {
      const { built, staff, signInStaff } = await customersAndStaff({ sharesPending });
      const ended: string[] = [];
      built.twoFactor.on('login.ended', ({ userId }) => ended.push(userId));
      const shared = await built.signedIn('ann');
      await shared.post('/cart').expect(200);
      const cookie = sessionCookie(await signInStaff(shared, 'eve').expect(200));
      expect(await whoIs(shared)).toEqual({ user: null, staff: 'id-eve' });
      expect(await whoIs(shared)).toEqual({ user: null, staff: 'id-eve' });
      expect(ended).toEqual(['id-ann']);
      expect((await readSession(built.store, sidOf(cookie)))?.cart).toBe('apples');
      expect(await staff.isOwedBy({ id: 'id-eve', name: '' })).toBe(false);
    },
  );
});
