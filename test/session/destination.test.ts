import fc from 'fast-check';
import { safePath, withGoal } from '../../lib/session/address';
import { host, sessionCookie, type Host } from '../hosts/host';
import type { BrowserAgent } from '../support/browser-agent';
import { halfLoggedIn, loggedIn } from './people';
import { raw } from './raw';

const site = new URL('http://localhost:3000/app');

/** Addresses that a browser, or a careless check, would take for something else. */
const tricks = [
  '//evil.example',
  '///evil.example',
  '////evil.example/x',
  '/\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '/%09/evil.example',
  '/%5Cevil.example',
  '/%2Fevil.example',
  '/..//evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e%2e//evil.example',
  '/%2E//evil.example',
  '/a/../../..//evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https://evil.example',
  'https://localhost:3000@evil.example',
  'http://localhost:3000.evil.example/',
  'http:localhost',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  ' //evil.example',
  '\u0000//evil.example',
  '\u00a0//evil.example',
  '/x\r\nSet-Cookie: a=b',
  '/x%0d%0aSet-Cookie:%20a=b',
  '/@evil.example',
  '/\ud800',
  '/\u2028/x',
  '/"><script>alert(1)</script>',
  '/宮腰',
  'billing',
  '../billing',
  '?x=1',
  '#x',
  '',
];

/** Those that are only long, by name. */
const long: readonly (readonly [string, string])[] = [
  ['8 kB', `/${'x'.repeat(8192)}`],
  ['long once it is encoded', `/${'宮'.repeat(600)}`],
  ['long once it is encoded twice', `/?${'%'.repeat(1900)}`],
];
const all = [...tricks.map((to) => [JSON.stringify(to), to] as const), ...long];

/** What a Location may be: a path of this site by the URL parser, in one clean line that any client takes. */
function expectClean(location: unknown): void {
  expect(typeof location).toBe('string');
  const text = String(location);
  expect(text).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  expect(text.length).toBeLessThanOrEqual(2100);
  expect(new URL(text, 'http://localhost:3000/2fa/totp').origin).toBe('http://localhost:3000');
}

describe('The way back', () => {
  it.each(all)('is a path of this site or nothing: %s', (_, to) => {
    expectClean(safePath(to, site) ?? '/');
  });

  it.each([
    ['/billing', '/billing'],
    ['/billing?a=1&b=%2F#part', '/billing?a=1&b=%2F#part'],
    ['/a/../b', '/b'],
    ['/@evil.example', '/@evil.example'],
    ['/%09/evil.example', '/%09/evil.example'],
    ['/x?next=https://evil.example', '/x?next=https://evil.example'],
    ['/宮', '/%E5%AE%AE'],
    ['/a b', '/a%20b'],
  ])('is kept when it is one: %s', (to, path) => {
    expect(safePath(to, site)).toBe(path);
  });

  it.each([
    '//evil.example/x',
    '/\\evil.example/x',
    '/\t/evil.example/x',
    '/..//evil.example/x',
    'https://evil.example/x',
    'http://localhost:3000/x',
    'billing',
    '',
  ])('is nothing, and no part of it, when it leads elsewhere: %j', (to) => {
    expect(safePath(to, site)).toBeNull();
  });

  it.each([null, undefined, 1, true, ['/billing'], { toString: () => '/billing' }])('is text: %j', (to) => {
    expect(safePath(to, site)).toBeNull();
  });

  it('is clean whatever is asked for', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '%09',
      '\t',
      '\n',
      ':',
      '@',
      '?',
      '#',
    );
    const odd = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(odd, (parts) => {
        expectClean(safePath(`/${parts.join('')}`, site) ?? '/');
      }),
      { numRuns: process.env.TEST_LONG ? 50_000 : 2_000 },
    );
  });

  it('is the same when it is checked twice', () => {
    for (const [, to] of all) {
      const once = safePath(to, site);
      expect(once === null ? null : safePath(once, site)).toBe(once);
    }
  });
});

describe('The way back over HTTP', () => {
  let built: Host;
  let backupCodes: string[];
  beforeAll(async () => {
    built = await host({
      options: { home: () => '/home' },
      routes: ({ app, passport }) => {
        app.post('/want', (req, res) => {
          req.session.returnTo = String((req.body as { to: unknown }).to);
          res.json({ ok: true });
        });
        app.post('/return-to', passport.authenticate('local', { successReturnToOrRedirect: '/x' }));
      },
    });
    const { agent } = await loggedIn(built, 'ann');
    const { body } = await agent.post('/2fa/security/backup-codes').expect(201);
    backupCodes = body.backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: backupCodes[0] }).expect(200);
  });

  /** Goes on from the address of the step page, as JSON. */
  async function finish(agent: BrowserAgent, address: string, by: 'totp' | 'backup-code'): Promise<unknown> {
    const code = by === 'totp' ? built.code('ann') : backupCodes.pop();
    const path = address.replace(/^\/2fa/, `/2fa/${by}`);
    return (await agent.post(path, { code }).expect(200)).body.url;
  }

  it.each(all)('by `to` in the query: %s', async (_, to) => {
    const { agent } = await halfLoggedIn(built);
    const url = await finish(agent, `/2fa?to=${encode(to)}`, 'totp');
    expectClean(url);
    expect(url).toBe(safePath(to, ours) ?? '/home');
  });

  it('by `to` in the query, with a backup code', async () => {
    for (const to of tricks.slice(0, 8)) {
      const { agent } = await halfLoggedIn(built);
      expectClean(await finish(agent, `/2fa?to=${encode(to)}`, 'backup-code'));
    }
  });

  it.each(all)('by `to` in a form: %s', async (_, to) => {
    const { agent } = await halfLoggedIn(built);
    const page = await agent.page(`/2fa?to=${encode(to)}`).expect(200);
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const fields = { code: built.code('ann'), to: wellFormed(to), form_token: token };
    const sent = await agent.form('/2fa/totp', fields).expect(303);
    expectClean(sent.headers.location);
  });

  it.each(all)('by session.returnTo: %s', async (_, to) => {
    const agent = built.visitor();
    await agent.post('/want', { to }).expect(200);
    const owed = await agent.post('/return-to', { username: 'ann', password: 'right' }).expect(401);
    const url: string = owed.body.error.url;
    expect(url).toMatch(/^\/2fa\?to=[\w%.~!*'()-]+$/);
    expectClean(await finish(agent, url, 'totp'));
  });

  it.each(all.filter(([, to]) => /^[\x21-\x7e]+$/.test(to)))(
    'by the gated address: %s',
    async (_, target) => {
      const agent = built.visitor();
      const cookie = sessionCookie(await agent.signIn('ann').expect(401)) ?? '';
      const { status, locations } = await raw(built.app, target, { Accept: 'text/html', Cookie: cookie });
      // Node refuses a request line that names neither a path nor a whole address.
      const isTarget = /^(\/|https?:\/\/)/.test(target);
      expect([status === 303, locations.length]).toEqual(isTarget ? [true, 1] : [false, 0]);
      for (const location of locations) {
        expectClean(location);
        expectClean(await finish(agent, location, 'totp'));
      }
    },
  );

  it('of a half login that is over never leads to another site', async () => {
    for (const [, to] of all) {
      const fields = { code: '123456', to: wellFormed(to) };
      const over = await built.visitor().form('/2fa/totp', fields).expect(401);
      const links = [...over.text.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) {
        expect(new URL(link, 'http://localhost:3000/2fa/totp').origin).toBe('http://localhost:3000');
      }
    }
  });
});

const ours = new URL('http://localhost:3000');
const wellFormed = (text: string): string => text.replaceAll('\ud800', '\ufffd');
const encode = (text: string): string => encodeURIComponent(wellFormed(text));
describe('An address with a goal', () => {
  it('carries it as one parameter', () => {
    expect(withGoal('/2fa', '/a?b=c&d=e#f')).toBe('/2fa?to=%2Fa%3Fb%3Dc%26d%3De%23f');
    expect(withGoal('/2fa', null)).toBe('/2fa');
  });
});
