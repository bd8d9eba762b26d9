import expressFive from 'express';
import { host, type Host } from '../hosts/host';
import { minutes } from '../support/clock';
import { halfLoggedIn, loggedIn } from './people';
import { raw } from './raw';

/** Request lines that name another host to whoever takes them for an address. */
const targets = [
  '//evil.example/x',
  '//evil.example/2fa',
  '/\\evil.example/x',
  '/\\evil.example/2fa',
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  'http://evil.example/2fa',
  'http://evil.example/x',
  '/2fa/security?to=//evil.example',
  '/2fa//evil.example',
  '/2fa?to=https://evil.example',
  '/2fa/confirm?to=//evil.example&need=//evil.example',
  '/2fa/add-passkey?to=/%5Cevil.example',
  '/"><a href="https://evil.example/',
];

type Page = { readonly visit: (built: Host) => Promise<{ cookie: string }>; readonly isDown?: true };
const pages: Readonly<Record<string, Page>> = {
  nobody: { visit: async () => ({ cookie: '' }) },
  'nobody, while the store is down': { visit: async () => ({ cookie: '' }), isDown: true },
  'a half login': { visit: (built) => halfLoggedIn(built) },
  'a half login, while the store is down': { visit: (built) => halfLoggedIn(built), isDown: true },
  'a half login that ended': {
    visit: async (built) => {
      const visit = await halfLoggedIn(built);
      built.clock.move(11 * minutes);
      return visit;
    },
  },
  'a complete login': { visit: (built) => loggedIn(built, 'ann') },
  'a complete login, while the store is down': { visit: (built) => loggedIn(built, 'ann'), isDown: true },
  'a stale login': {
    visit: async (built) => {
      const visit = await loggedIn(built, 'ann');
      built.clock.move(6 * minutes);
      return visit;
    },
  },
};

const build = () =>
  host({
    routes: ({ app, twoFactor }) => {
      app.get(/.*/, twoFactor.requireProof({ within: '5m' }));
    },
  });

function expectHere(text: string, base = 'http://localhost:3000/2fa/security'): void {
  const links = [...text.matchAll(/\b(?:href|action|src|content)="([^"]*)"/g)].map(([, link = '']) => link);
  for (const link of links.filter((one) => /[/\\:]/.test(one) && !one.startsWith('width='))) {
    expect(new URL(link.replaceAll('&amp;', '&'), base).origin).toBe('http://localhost:3000');
  }
}

describe('No link or redirect of ours leads to another host, whatever was asked for', () => {
  it.each(Object.entries(pages))('to %s', async (_, { visit, isDown }) => {
    const built = await build();
    const { cookie } = await visit(built);
    if (isDown) {
      const { logins, tries } = built.options.pending;
      jest.spyOn(logins, 'read').mockRejectedValue(new Error('down'));
      jest.spyOn(tries, 'read').mockRejectedValue(new Error('down'));
    }
    for (const target of targets) {
      for (const headers of [{ Accept: 'text/html' }, { Accept: 'application/json' }]) {
        const { text, locations } = await raw(built.app, target, {
          ...headers,
          ...(cookie && { Cookie: cookie }),
        });
        expectHere(text);
        for (const to of locations) expectHere(`href="${to}"`);
        const [, url] = /"url":"([^"]*)"/.exec(text) ?? [];
        if (url !== undefined) expectHere(`href="${url}"`);
      }
    }
  });

  it('"Try again" repeats the address that was asked for, where that is one of this site', async () => {
    const built = await build();
    const { cookie } = await halfLoggedIn(built);
    jest.spyOn(built.options.pending.logins, 'read').mockRejectedValue(new Error('down'));
    const again = async (target: string) => {
      const { text, status } = await raw(built.app, target, { Accept: 'text/html', Cookie: cookie });
      expect(status).toBe(503);
      return /<a class="button primary whole" href="([^"]*)">Try again</.exec(text)?.[1];
    };
    expect(await again('/billing?a=1&b=2')).toBe('/billing?a=1&amp;b=2');
    const long = `/billing?a=${'x'.repeat(3000)}`;
    expect(await again(long)).toBe(long);
    for (const target of ['//evil.example/x', '/\\evil.example/x', 'http://evil.example/x']) {
      expect(await again(target)).toBe('/');
    }
  });

  it('below a mount whose name a client chooses', async () => {
    const built = await build();
    const { cookie } = await halfLoggedIn(built);
    const site = expressFive();
    site.use('/:tenant', built.app);
    for (const target of [
      '/\\evil.example/2fa/security',
      '/\\evil.example/x',
      '//evil.example/2fa/security',
    ]) {
      const { text, locations } = await raw(site, target, { Accept: 'text/html', Cookie: cookie });
      expectHere(text);
      for (const to of locations) expectHere(`href="${to}"`);
    }
    const { locations } = await raw(site, '/anna/x', { Accept: 'text/html', Cookie: cookie });
    expect(locations).toEqual(['/anna/2fa?to=%2Fanna%2Fx']);
  });
});
