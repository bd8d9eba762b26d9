import type { SessionOptions } from 'express-session';
import type { UserId } from '../../lib/account/account';
import { userKeyOf } from '../../lib/crypto/digest';
import { promised } from '../../lib/session/promised';
import { errorCode } from '../support/browser-agent';
import { hours } from '../support/clock';
import { host, sessionCookie, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from './people';
import { readSession, records, sidOf } from './session-data';

/** An app that keeps things in the session and chooses how long its cookie lives. */
const keeping = (session: Partial<SessionOptions> = {}): Promise<Host> =>
  host({
    session,
    routes: ({ app, twoFactor }) => {
      app.post('/cart', (req, res) => {
        req.session.cart = 'apples';
        res.json({ ok: true });
      });
      app.post('/remember-me', (req, res) => {
        req.session.cookie.maxAge = 8 * hours;
        res.json({ ok: true });
      });
      app.post('/password', async (req, res) => {
        await twoFactor.signOutEverywhere('id-ann', { except: req });
        res.json({ ok: true, user: req.user ?? null });
      });
      app.post('/my-step-up', twoFactor.authenticate('totp'), (req, res) => {
        res.json({ cart: req.session.cart, user: req.user });
      });
    },
  });

const renewals: readonly (readonly [string, (built: Host) => readonly [string, object]])[] = [
  ['a step-up at our page', (built) => ['/2fa/totp', { code: built.code('ann') }]],
  ['a step-up at a page of the app', (built) => ['/my-step-up', { code: built.code('ann') }]],
  ['signing out everywhere else', () => ['/password', {}]],
];

describe('A new session id', () => {
  it.each(renewals)('comes with %s; the old one is dead', async (_, request) => {
    const built = await keeping();
    const { agent, sid, cookie } = await loggedIn(built, 'ann');
    const renewed = await agent.post(...request(built)).expect(200);
    const now = sidOf(sessionCookie(renewed));
    expect(now).not.toBe('');
    expect(now).not.toBe(sid);
    expect(await readSession(built.store, sid)).toBeNull();
    expect(await records(built).read(sid)).toBeNull();
    expect(await userOf(agent)).toBe('id-ann');
    const thief = await built.visitor().get('/me', 'image/*').set('Cookie', cookie);
    expect(thief.body.user).toBeNull();
  });

  it.each(renewals)('after %s keeps what the app had in the session', async (_, request) => {
    const built = await keeping();
    const { agent } = await loggedIn(built, 'ann');
    await agent.post('/cart').expect(200);
    const renewed = await agent.post(...request(built)).expect(200);
    expect(await readSession(built.store, sidOf(sessionCookie(renewed)))).toMatchObject({
      cart: 'apples',
      passport: { user: 'id-ann' },
    });
  });

  it.each(renewals)('after %s has the cookie’s life of the session before', async (_, request) => {
    const built = await keeping({ cookie: { maxAge: hours } });
    const { agent } = await loggedIn(built, 'ann');
    await agent.post('/remember-me').expect(200);
    const renewed = await agent.post(...request(built)).expect(200);
    const stored = await readSession(built.store, sidOf(sessionCookie(renewed)));
    // express-session itself may lose a millisecond each time it sets a cookie's life anew.
    expect(8 * hours - (stored?.cookie.originalMaxAge ?? 0)).toBeLessThan(10);
    const [line = ''] = (renewed.headers['set-cookie'] as unknown as string[]).filter((one) =>
      one.startsWith('connect.sid='),
    );
    const expires = Date.parse(/Expires=([^;]+)/.exec(line)?.[1] ?? '');
    expect(Math.abs(expires - (Date.now() + 8 * hours))).toBeLessThan(60_000);
  });

  it('of a browser session stays a browser session', async () => {
    const built = await keeping();
    const { agent } = await loggedIn(built, 'ann');
    const renewed = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(String(renewed.headers['set-cookie'])).toMatch(/connect\.sid=[^,]*; Path=\/; HttpOnly(,|$)/);
  });

  it('lets the app see its user in the request that brought the proof', async () => {
    const built = await keeping();
    const { agent } = await loggedIn(built, 'ann');
    await agent.post('/cart').expect(200);
    const seen = await agent.post('/my-step-up', { code: built.code('ann') }).expect(200);
    expect(seen.body).toMatchObject({ cart: 'apples', user: { id: 'id-ann' } });
  });

  it('comes with both halves of a login, and no data of before', async () => {
    const built = await keeping();
    const agent = built.visitor();
    const before = sidOf(sessionCookie(await agent.post('/cart').expect(200)));
    const half = sidOf(sessionCookie(await agent.signIn('ann').expect(401)));
    expect(await readSession(built.store, before)).toBeNull();
    expect(await readSession(built.store, half)).not.toHaveProperty('cart');
    const full = sidOf(sessionCookie(await agent.post('/2fa/totp', { code: built.code('ann') })));
    expect(await readSession(built.store, half)).toBeNull();
    expect(new Set([before, half, full]).size).toBe(3);
  });

  it('does not come with a wrong proof', async () => {
    const built = await keeping();
    const { agent } = await halfLoggedIn(built);
    expect(sessionCookie(await agent.post('/2fa/totp', { code: '000000' }).expect(401))).toBeUndefined();
  });

  it('that could not be recorded leaves the old login as it was', async () => {
    const built = await keeping();
    const { agent, sid } = await loggedIn(built, 'ann');
    const down = jest.spyOn(built.options.pending.logins, 'write').mockRejectedValue(new Error('down'));
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(503);
    down.mockRestore();
    expect(await readSession(built.store, sid)).toMatchObject({ passport: { user: 'id-ann' } });
    expect(await userOf(agent)).toBe('id-ann');
  });

  it.each([
    ['a complete login', loggedIn],
    ['a half login', halfLoggedIn],
  ] as const)('comes with no proof that was under way when %s was signed out', async (_, enter) => {
    const built = await keeping();
    const { agent, sid } = await enter(built, 'ann');
    const { pending } = built.options;
    const write = pending.logins.write.bind(pending.logins);
    const signedOutFirst = jest.spyOn(pending.logins, 'write').mockImplementationOnce(async (...args) => {
      await promised((done) => built.store.destroy(sid, done));
      return write(...args);
    });
    const late = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(401);
    expect(errorCode(late)).toBe('sign_in_required');
    expect(signedOutFirst).toHaveBeenCalledTimes(1);
    expect(await pending.logins.list(userKeyOf('id-ann' as UserId))).toEqual([]);
    expect(await userOf(agent)).toBeNull();
  });

  it('comes with no password change that was under way when its login was signed out: nobody is in, and that is all', async () => {
    const built = await keeping();
    const { agent, sid } = await loggedIn(built, 'ann');
    const { pending } = built.options;
    const write = pending.logins.write.bind(pending.logins);
    jest.spyOn(pending.logins, 'write').mockImplementationOnce(async (...args) => {
      await promised((done) => built.store.destroy(sid, done));
      return write(...args);
    });
    const changed = await agent.post('/password').expect(200);
    expect(changed.body).toEqual({ ok: true, user: null });
    expect(await pending.logins.list(userKeyOf('id-ann' as UserId))).toEqual([]);
    expect(await readSession(built.store, sid)).toBeNull();
    expect(await userOf(agent)).toBeNull();
  });

  it('that could not be recorded leaves the half login as it was', async () => {
    const built = await keeping();
    const { agent } = await halfLoggedIn(built);
    const down = jest.spyOn(built.options.pending.logins, 'write').mockRejectedValue(new Error('down'));
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(503);
    down.mockRestore();
    expect(await userOf(agent)).toBeNull();
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  });
});
