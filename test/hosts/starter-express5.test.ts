import express, { type Express } from 'express';
import type { SecondFactorOptions } from '../../lib';
import { codeAt } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { origin, type TestUser } from '../support/host-app';
import { host, Passport7, type Host } from './host';
import { oauthProvider } from './oauth-provider';
import { PlainBrowser, useServers } from './plain-browser';
import { nobody, readingOf, whoIs, withoutUs } from './starter';
import { linkStarter, patches, type Kit } from './starter-links';

const versions = { express, Passport: Passport7 };
const serve = useServers();

type Name = 'ann' | 'bob' | 'cyd';
type Provider = ReturnType<typeof oauthProvider>;

const elsewhere = async () => {
  const provider = oauthProvider();
  return { provider, url: await serve(provider.listener) };
};
const visitorOf = async (app: Express) => new PlainBrowser(origin, new Map([[origin, await serve(app)]]));

/** The starter with the README's lines, and its provider. */
async function cast(kit: Partial<Kit> = {}, options: Partial<SecondFactorOptions<TestUser>> = {}) {
  const { provider, url } = await elsewhere();
  const { mount, afterLogin } = linkStarter({ provider: url, ...kit });
  const built = await host({
    ...versions,
    options: { onSignedIn: (req, res, { user }) => afterLogin(req, res, user), ...options },
    build: mount,
  });
  return { built, provider, visitor: await visitorOf(built.app) };
}

/** The same starter as its authors wrote it. */
async function castWithoutUs(kit: Partial<Kit> = {}) {
  const { provider, url } = await elsewhere();
  const app = withoutUs(linkStarter({ provider: url, ...kit }).mount, versions);
  return { provider, visitor: await visitorOf(app) };
}

/** Each way in, from the login page on. */
const ways: Readonly<
  Record<string, (visitor: PlainBrowser, name: Name, provider: Provider) => Promise<unknown>>
> = {
  'a password': (visitor, username) => visitor.submit('/login', { username, password: 'right' }),
  'another site': (visitor, name, provider) => {
    provider.account = name;
    return visitor.follow('/auth/example');
  },
  'a link in a mail': async (visitor, username) => {
    await visitor.submit('/magic', { username });
    return visitor.follow('/magic');
  },
};
const everyWay = Object.entries(ways);

const giveCode = (built: Host, visitor: PlainBrowser, name: 'ann' | 'cyd' = 'ann') =>
  visitor.submit('/2fa/totp', { code: built.code(name) });
const signIn = async ({ visitor, built }: { visitor: PlainBrowser; built: Host }) => {
  await visitor.open('/login');
  await visitor.submit('/login', { username: 'ann', password: 'right', remember: 'on' });
  return giveCode(built, visitor);
};
const userOf = (name: Name) => ({ user: `id-${name}`, in: true });

describe.each(everyWay)('An Express 5 starter, signing in by %s', (_, enter) => {
  it('is for a user without a factor what it was before', async () => {
    const walk = async ({ visitor, provider }: { visitor: PlainBrowser; provider: Provider }) => {
      const seen: unknown[] = [];
      const note = () => seen.push([visitor.page.trail, visitor.page.status, readingOf(visitor)]);
      await visitor.open('/');
      await visitor.submit('/cart');
      note();
      await visitor.submit('/login', { username: 'bob', password: 'wrong' });
      note();
      await visitor.open('/account');
      await enter(visitor, 'bob', provider);
      note();
      await visitor.open('/account/key');
      note();
      await visitor.open('/');
      note();
      await visitor.submit('/logout');
      note();
      await visitor.open('/account');
      note();
      return seen;
    };
    expect(await walk(await cast())).toEqual(await walk(await castWithoutUs()));
  });

  it('leads by the step to the page that its user wanted', async () => {
    const { built, visitor, provider } = await cast();
    await visitor.open('/account');
    await enter(visitor, 'ann', provider);
    expect(visitor.page.address).toBe(`${origin}/2fa?to=%2Faccount`);
    await giveCode(built, visitor);
    expect(visitor.page).toMatchObject({ address: `${origin}/account`, status: 200 });
    expect(await whoIs(visitor)).toEqual(userOf('ann'));
  });

  it('knows nobody before the code', async () => {
    const { built, visitor, provider } = await cast();
    await visitor.open('/login');
    await enter(visitor, 'ann', provider);
    for (const path of ['/', '/account', '/account/key', '/login']) {
      expect((await visitor.open(path)).trail).toEqual([`GET ${path} 303`, 'GET /2fa 200']);
      expect(await whoIs(visitor)).toEqual(nobody);
    }
    await visitor.submit('/2fa/totp', { code: '000000' });
    expect(await whoIs(visitor)).toEqual(nobody);
    await giveCode(built, visitor);
    expect(await whoIs(visitor)).toEqual(userOf('ann'));
  });

  it('takes the place of a login that is half done', async () => {
    const { built, visitor, provider } = await cast();
    await visitor.open('/login');
    const login = visitor.page;
    await enter(visitor, 'ann', provider);
    visitor.page = login;
    await enter(visitor, 'cyd', provider);
    await giveCode(built, visitor, 'cyd');
    expect(await whoIs(visitor)).toEqual(userOf('cyd'));
    visitor.page = login;
    await enter(visitor, 'bob', provider);
    expect(await whoIs(visitor)).toEqual(userOf('bob'));
  });

  it('signs out for good, before the code and after it', async () => {
    const { built, visitor, provider } = await cast();
    await visitor.open('/login');
    await enter(visitor, 'ann', provider);
    await visitor.submit('/2fa/cancel');
    expect(new URL(visitor.page.address).pathname).toBe('/login');
    expect(await whoIs(visitor)).toEqual(nobody);
    await enter(visitor, 'ann', provider);
    await giveCode(built, visitor);
    const copy = new Map(visitor.cookies);
    await visitor.submit('/logout');
    expect(await whoIs(visitor)).toEqual(nobody);
    for (const [name, value] of copy) visitor.cookies.set(name, value);
    expect(await whoIs(visitor)).toEqual(nobody);
  });

  describe.each(Object.entries(patches))('with %s', (_name, patch) => {
    it.each([true, false])(
      'keeps what it keeps without us (keepSessionInfo: %p)',
      async (keepSessionInfo) => {
        const kit = { keepSessionInfo, patch };
        const arrive = async (
          { visitor, provider }: { visitor: PlainBrowser; provider: Provider },
          step: () => Promise<unknown>,
        ) => {
          await visitor.open('/');
          await visitor.submit('/cart');
          await enter(visitor, 'ann', provider);
          await step();
          const landed = { address: visitor.page.address, ...readingOf(visitor) };
          await visitor.open('/');
          return { ...landed, cart: /Cart: (\w+)/.exec(visitor.page.text)?.[1] };
        };
        const withUs = await cast(kit);
        const before = await castWithoutUs(kit);
        const after = await arrive(withUs, () => giveCode(withUs.built, withUs.visitor));
        expect(after).toEqual(await arrive(before, async () => undefined));
        expect(await whoIs(withUs.visitor)).toEqual(userOf('ann'));
      },
    );
  });
});

describe('An Express 5 starter that remembers its users', () => {
  it('remembers who gave both factors, and asks for the second one again', async () => {
    const { built, visitor } = await cast();
    await signIn({ built, visitor });
    const first = visitor.cookies.get('remember_me');
    expect(first).toBeDefined();
    visitor.cookies.delete('connect.sid');
    await visitor.open('/account');
    expect(visitor.page.address).toBe(`${origin}/2fa?to=%2Faccount`);
    expect(visitor.cookies.get('remember_me')).not.toBe(first);
    await giveCode(built, visitor);
    expect(visitor.page.address).toBe(`${origin}/account`);
    expect(await whoIs(visitor)).toEqual(userOf('ann'));
  });

  it('remembers nobody by a password alone', async () => {
    const { visitor } = await cast();
    await visitor.open('/login');
    await visitor.submit('/login', { username: 'ann', password: 'right', remember: 'on' });
    expect([...visitor.cookies.keys()]).not.toContain('remember_me');
  });

  it('remembers a user without a factor as it did before', async () => {
    for (const { visitor } of [await cast(), await castWithoutUs()]) {
      await visitor.open('/login');
      await visitor.submit('/login', { username: 'bob', password: 'right', remember: 'on' });
      visitor.cookies.delete('connect.sid');
      await visitor.open('/account');
      expect(visitor.page).toMatchObject({ address: `${origin}/account`, status: 200 });
      visitor.cookies.delete('connect.sid');
      await visitor.open('/');
      await visitor.submit('/logout');
      expect(await whoIs(visitor)).toEqual(nobody);
    }
  });

  /** Ann is remembered, and has no login. */
  const remembered = async () => {
    const { built, visitor } = await cast();
    await signIn({ built, visitor });
    visitor.cookies.delete('connect.sid');
    return { built, visitor };
  };

  it('has one login that is half done, whatever else a page loads', async () => {
    const { built, visitor } = await remembered();
    const owed: string[] = [];
    built.twoFactor.on('login.owed', ({ loginId }) => owed.push(loginId));
    await visitor.open('/account');
    for (let file = 0; file < 3; file += 1) expect(await whoIs(visitor)).toEqual(nobody);
    await giveCode(built, visitor);
    expect(owed).toHaveLength(1);
    expect(await whoIs(visitor)).toEqual(userOf('ann'));
  });

  it('lets others sign in there, before the code of who is remembered', async () => {
    const { built, visitor } = await remembered();
    await visitor.open('/');
    await visitor.submit('/2fa/cancel');
    expect(new URL(visitor.page.address).pathname).toBe('/login');
    await visitor.submit('/login', { username: 'cyd', password: 'right' });
    expect(await whoIs(visitor)).toEqual(nobody);
    await giveCode(built, visitor, 'cyd');
    expect(await whoIs(visitor)).toEqual(userOf('cyd'));
  });

  it('forgets who signs out', async () => {
    const { built, visitor } = await remembered();
    await visitor.open('/account');
    await giveCode(built, visitor);
    await visitor.open('/');
    await visitor.submit('/logout');
    await visitor.open('/account');
    expect(visitor.page.address).toBe(`${origin}/login`);
    expect(visitor.cookies.has('remember_me')).toBe(false);
  });
});

describe('An Express 5 starter with links', () => {
  it('lets a link in a mail sign in once', async () => {
    const { built, visitor } = await cast();
    await visitor.open('/login');
    await visitor.submit('/magic', { username: 'ann' });
    const mail = visitor.page;
    await visitor.follow('/magic');
    await giveCode(built, visitor);
    await visitor.submit('/logout');
    visitor.page = mail;
    await visitor.follow('/magic');
    expect(readingOf(visitor)).toEqual({ flashes: ['That link has been used.'], user: 'nobody' });
  });

  it('is told by the provider that its user would not, in the words of the app', async () => {
    const { provider, visitor } = await cast();
    provider.account = null;
    await visitor.open('/login');
    await visitor.follow('/auth/example');
    expect(visitor.page.address).toBe(`${origin}/login`);
    expect(readingOf(visitor)).toEqual({ flashes: ['You would not.'], user: 'nobody' });
  });

  it('has its users switch two-factor on by forms alone', async () => {
    const { built, visitor } = await cast();
    await visitor.open('/2fa/security/totp');
    await visitor.follow('/login');
    await visitor.submit('/login', { username: 'bob', password: 'right' });
    expect(visitor.page.address).toBe(`${origin}/2fa/security/totp`);
    const secret = /[?&]secret=(\w+)/.exec(visitor.page.text)?.[1] ?? '';
    await visitor.submit('/2fa/security/totp', { code: codeAt(secret, built.clock.now()) });
    const code = /\b\w{4}(?:-\w{4}){3}\b/.exec(visitor.page.text)?.[0] ?? '';
    await visitor.submit('/2fa/security/backup-codes/acknowledge', { code });
    await visitor.open('/');
    await visitor.submit('/logout');

    built.clock.move(30 * seconds);
    await visitor.open('/login');
    await visitor.submit('/login', { username: 'bob', password: 'right' });
    await visitor.submit('/2fa/totp', { code: codeAt(secret, built.clock.now()) });
    expect(await whoIs(visitor)).toEqual(userOf('bob'));
  });

  it('asks for a fresh proof where a page or a form needs one, and goes on', async () => {
    const { built, visitor } = await cast();
    await signIn({ built, visitor });
    built.clock.move(6 * minutes);
    await visitor.open('/account/key');
    expect(visitor.page.address).toBe(`${origin}/2fa/confirm?to=%2Faccount%2Fkey`);
    await giveCode(built, visitor);
    expect(visitor.page.text).toContain('k-123');
    await visitor.open('/account');
    built.clock.move(6 * minutes);
    expect((await visitor.submit('/account/delete')).status).toBe(403);
    await visitor.follow('/2fa/confirm');
    await giveCode(built, visitor);
    expect(visitor.page.address).toBe(`${origin}/account`);
    await visitor.submit('/account/delete');
    expect(readingOf(visitor).flashes).toEqual(['Your account has been deleted.']);
  });
});
