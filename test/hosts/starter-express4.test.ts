import type { Express } from 'express';
import { codeAt } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { origin } from '../support/host-app';
import { express4, host, Passport7, type Host } from './host';
import { PlainBrowser, useServers } from './plain-browser';
import { nobody, readingOf, whoIs, withoutUs } from './starter';
import { csrfToken, passwordStarter, type Place } from './starter-password';

jest.mock('express', () => jest.requireActual<object>('express4'));

const versions = { express: express4, Passport: Passport7 };
const places: readonly Place[] = ['right after passport.session()', 'below all other middleware'];
const serve = useServers();

const visitorOf = async (app: Express) => new PlainBrowser(origin, new Map([[origin, await serve(app)]]));

async function signIn(visitor: PlainBrowser, username: string, password = 'right') {
  await visitor.open('/login');
  return visitor.submit('/login', { username, password });
}

/** All that a user without a factor does here, as they see it. */
async function walk(visitor: PlainBrowser): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const note = () => seen.push([visitor.page.trail, visitor.page.status, readingOf(visitor)]);
  for (const path of ['/', '/account', '/nowhere', '/account']) {
    await visitor.open(path);
    note();
  }
  await visitor.submit('/login', { username: 'bob', password: 'wrong' });
  note();
  await visitor.submit('/login', { username: 'bob', password: 'right' });
  note();
  await visitor.open('/login');
  note();
  await visitor.open('/account');
  await visitor.submit('/account/profile', { city: 'Brno', _csrf: 'wrong' });
  seen.push(visitor.page.status);
  await visitor.open('/account');
  await visitor.submit('/account/profile', { city: 'Brno' });
  note();
  await visitor.open('/');
  await visitor.submit('/logout');
  note();
  await visitor.open('/account/key');
  note();
  return seen;
}

describe.each(places)('An Express 4 starter with a CSRF check above, and protect() %s', (place) => {
  const starter = () =>
    host({
      ...versions,
      options: { csrf: { field: '_csrf', token: csrfToken } },
      build: (built) => passwordStarter(built, place),
    });
  const cast = async () => {
    const built = await starter();
    return { built, visitor: await visitorOf(built.app) };
  };
  const giveCode = (built: Host, visitor: PlainBrowser) =>
    visitor.submit('/2fa/totp', { code: built.code('ann') });

  it('is for a user without a factor what it was before', async () => {
    const { visitor } = await cast();
    const before = await visitorOf(withoutUs((one) => passwordStarter(one, place), versions));
    expect(await walk(visitor)).toEqual(await walk(before));
  });

  it('leads by the step to the page that its user wanted', async () => {
    const { built, visitor } = await cast();
    await visitor.open('/account');
    expect((await signIn(visitor, 'ann')).trail).toEqual(['POST /login 303', 'GET /2fa 200']);
    expect((await giveCode(built, visitor)).trail).toEqual(['POST /2fa/totp 303', 'GET /account 200']);
    expect(await whoIs(visitor)).toEqual({ user: 'id-ann', in: true });
  });

  it.each([
    ['/2fa/security', '/2fa/security'],
    ['/2fa/security/totp', '/2fa/security/totp'],
    ['/2fa', '/'],
  ])('leads who asks for %s first by the login page to %s', async (path, goal) => {
    const { built, visitor } = await cast();
    await visitor.open(path);
    await visitor.follow('/login');
    await visitor.submit('/login', { username: 'ann', password: 'right' });
    await giveCode(built, visitor);
    expect(visitor.page).toMatchObject({ address: origin + goal, status: 200 });
  });

  it('knows nobody before the code, and turns pages away', async () => {
    const { built, visitor } = await cast();
    await signIn(visitor, 'ann');
    for (const path of ['/', '/account', '/account/key', '/login']) {
      expect((await visitor.open(path)).trail).toEqual([`GET ${path} 303`, 'GET /2fa 200']);
      expect(await whoIs(visitor)).toEqual(nobody);
    }
    expect((await visitor.submit('/2fa/totp', { code: '000000' })).status).toBe(422);
    expect(await whoIs(visitor)).toEqual(nobody);
    await giveCode(built, visitor);
    expect(await whoIs(visitor)).toEqual({ user: 'id-ann', in: true });
  });

  it('signs out for good, before the code and after it', async () => {
    const { built, visitor } = await cast();
    await signIn(visitor, 'ann');
    expect((await visitor.submit('/2fa/cancel')).trail).toEqual(['POST /2fa/cancel 303', 'GET /login 200']);
    await signIn(visitor, 'ann');
    await giveCode(built, visitor);
    const copy = new Map(visitor.cookies);
    expect((await visitor.submit('/logout')).trail).toEqual(['POST /logout 302', 'GET / 200']);
    expect(await whoIs(visitor)).toEqual(nobody);
    for (const [name, value] of copy) visitor.cookies.set(name, value);
    expect(await whoIs(visitor)).toEqual(nobody);
    expect((await signIn(visitor, 'ann')).trail).toEqual(['POST /login 303', 'GET /2fa 200']);
  });

  it('refuses forms without its own token, of the app and of ours, and counts no try', async () => {
    const { built, visitor } = await cast();
    await visitor.open('/login');
    const user = { username: 'ann', password: 'right' };
    expect((await visitor.submit('/login', { ...user, _csrf: '' })).status).toBe(403);
    await signIn(visitor, 'ann');
    for (const name of ['_csrf', 'form_token']) {
      await visitor.open('/2fa');
      const refused = await visitor.submit('/2fa/totp', { code: built.code('ann'), [name]: 'wrong' });
      expect([name, refused.status]).toEqual([name, 403]);
    }
    expect(await whoIs(visitor)).toEqual(nobody);
    await visitor.open('/2fa');
    expect((await giveCode(built, visitor)).trail).toEqual(['POST /2fa/totp 303', 'GET / 200']);
    await visitor.open('/account');
    expect((await visitor.submit('/account/profile', { city: 'Brno', _csrf: '' })).status).toBe(403);
    await visitor.open('/account');
    expect((await visitor.submit('/account/profile', { city: 'Brno' })).status).toBe(200);
    expect(readingOf(visitor).flashes).toEqual(['Profile information has been updated.']);
  });

  it('has its users switch two-factor on by forms alone', async () => {
    const { built, visitor } = await cast();
    await visitor.open('/2fa/security/totp');
    await visitor.follow('/login');
    await visitor.submit('/login', { username: 'bob', password: 'right' });
    expect(visitor.page.address).toBe(`${origin}/2fa/security/totp`);
    const secret = /[?&]secret=(\w+)/.exec(visitor.page.text)?.[1] ?? '';
    await visitor.submit('/2fa/security/totp', { code: codeAt(secret, built.clock.now()) });
    expect(visitor.page.address).toBe(`${origin}/2fa/security/backup-codes`);
    const code = /\b\w{4}(?:-\w{4}){3}\b/.exec(visitor.page.text)?.[0] ?? '';
    await visitor.submit('/2fa/security/backup-codes/acknowledge', { code });
    expect(visitor.page.text).toContain('Two-factor authentication is on');
    await visitor.open('/');
    await visitor.submit('/logout');

    built.clock.move(30 * seconds);
    await signIn(visitor, 'bob');
    await visitor.submit('/2fa/totp', { code: codeAt(secret, built.clock.now()) });
    expect(await whoIs(visitor)).toEqual({ user: 'id-bob', in: true });
  });

  it('asks for a fresh proof where a page or a form needs one, and goes on', async () => {
    const { built, visitor } = await cast();
    await signIn(visitor, 'ann');
    await giveCode(built, visitor);
    expect((await visitor.open('/account/key')).text).toContain('k-123');
    built.clock.move(6 * minutes);
    expect((await visitor.open('/account/key')).trail).toEqual([
      'GET /account/key 303',
      'GET /2fa/confirm 200',
    ]);
    expect((await giveCode(built, visitor)).trail).toEqual(['POST /2fa/totp 303', 'GET /account/key 200']);
    await visitor.open('/account');
    built.clock.move(6 * minutes);
    const refused = await visitor.submit('/account/delete');
    expect(refused.trail).toEqual(['POST /account/delete 403']);
    await visitor.follow('/2fa/confirm');
    expect((await giveCode(built, visitor)).trail).toEqual(['POST /2fa/totp 303', 'GET /account 200']);
    await visitor.submit('/account/delete');
    expect(readingOf(visitor).flashes).toEqual(['Your account has been deleted.']);
  });
});
