import express, { type Express } from 'express';
import type { SecondFactorOptions } from '../../lib';
import { browser, codeAt, enrolTotp, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { hostApp, origin, type TestUser } from '../support/host-app';

interface Place {
  readonly options?: Partial<SecondFactorOptions<TestUser>>;
  /** Where the app is mounted. */
  readonly below?: string;
  /** What a browser sees before the path that reaches the app. */
  readonly prefix?: string;
}

const places: Readonly<Record<string, Place>> = {
  'at the top': {},
  'at a path of their own': { options: { path: '/account/2fa' } },
  'below a mounted app': { below: '/admin' },
  'behind a proxy that takes its path away': {
    options: { origin: `${origin}/panel` },
    prefix: '/panel',
  },
};

const pages = ['', '/choose', '/totp', '/backup-code', '/confirm'];
const own = ['', '/totp', '/webauthn', '/backup-codes', '/browsers'].map((page) => `/security${page}`);

describe('The pages', () => {
  it.each(Object.entries(places))(
    'check 49: work %s, and every link and form of theirs leads to one of the app',
    async (_where, { options = {}, below = '', prefix = '' }) => {
      const host = hostApp(options);
      const app = below === '' ? host.app : express().use(below, host.app);
      const home = `${prefix}${below}`;
      const base = `${below}${options.path ?? '/2fa'}`;
      const ann = at(app, below);
      await ann.signIn('ann').expect(200);
      const { secret } = await enrol(ann, base, host.clock.now());

      const half = at(app, below);
      await half.signIn('ann').expect(401);
      const seen = new Set<string>();
      const look = async (agent: BrowserAgent, page: string) => {
        const { text } = await agent.page(`${base}${page}`).expect(200);
        for (const [, attribute, url = ''] of text.matchAll(/\b(href|src|action)="([^"#]+)"/g)) {
          const address = url.replaceAll('&amp;', '&');
          if (!address.startsWith('otpauth:')) seen.add(`${attribute} ${address}`);
        }
        return text;
      };
      for (const page of pages) await look(half, page);
      host.clock.move(31 * seconds);
      await half.post(`${base}/totp`, { code: codeAt(secret, host.clock.now()) }).expect(200);
      for (const page of own) await look(half, page);
      const [, factor = ''] = /href="([^"]*\/factors\/[^"]+)"/.exec(await look(half, '/security')) ?? [];
      await look(half, factor.slice(`${prefix}${base}`.length));

      expect(seen.size).toBeGreaterThan(20);
      for (const one of seen) {
        const [attribute, address = ''] = one.split(' ');
        expect([one, address.startsWith(`${home}/`)]).toEqual([one, true]);
        const path = address.slice(prefix.length);
        const answer = await (attribute === 'action' ? ann.form(path) : ann.agent.get(path));
        // Without its token no form is taken. The home page is the app's own, and this one has none.
        const isThere = answer.status !== 404 || path === `${below}/`;
        expect([one, isThere]).toEqual([one, true]);
      }
    },
  );
});

/** Signs in where the app is. */
function at(app: Express, below: string): BrowserAgent {
  const agent = browser(app);
  return { ...agent, signIn: (username) => agent.post(`${below}/login`, { username, password: 'right' }) };
}

async function enrol(agent: BrowserAgent, base: string, now: number) {
  const moved = { ...agent, get: (path: string) => agent.get(path.replace('/2fa', base)) };
  return enrolTotp({ ...moved, post: (path, body) => agent.post(path.replace('/2fa', base), body) }, now);
}
