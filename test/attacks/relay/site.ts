import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlainBrowser } from '../../hosts/plain-browser';
import type { SecondFactorOptions } from '../../../lib';
import { codeAt } from '../../support/browser-agent';
import { WireBrowser } from '../../support/browser-on-wire';
import { seconds } from '../../support/clock';
import { codesApp, codesOf, type CodesApp } from '../../support/codes-app';
import type { TestUser } from '../../support/host-app';

/** Someone who has an app, a phone, a mailbox and backup codes, all set up in a browser that the site knows. */
export interface Person {
  readonly name: string;
  readonly browser: WireBrowser;
  readonly backupCodes: readonly string[];
  /** The newest link that was mailed to them. */
  link(): string;
  /** What their app shows now. */
  totp(): string;
  /** The newest code that was sent to their phone or mailbox. */
  sent(type: 'otp-sms' | 'otp-email'): string;
}

/** A site that is worth phishing, behind something that speaks TLS for it. */
export interface Site extends CodesApp {
  readonly origin: string;
  readonly servedAt: string;
  person(): Promise<Person>;
  /** A browser on the real site: a new one, or that of a person. */
  visit(cookies?: ReadonlyMap<string, string>): PlainBrowser;
  stop(): Promise<void>;
}

const plenty = { sends: 1_000_000, per: '1h' } as const;

export async function openSite(given: Partial<SecondFactorOptions<TestUser>> = {}): Promise<Site> {
  const origin = 'https://admin.example.com';
  const limits = { user: plenty, address: plenty, ip: plenty, prefix: plenty, country: plenty, app: plenty };
  const host = codesApp(
    {
      origin,
      session: { secret: 'test', name: '__Host-sid', proxy: true, cookie: { secure: true } },
      sends: { limits },
      rememberBrowser: '30d',
      ...given,
    },
    (app) => {
      app.get('/', (_req, res) => res.send('home'));
      app.get('/login', (_req, res) => res.send(LOGIN_PAGE));
    },
  );
  const server = createServer((req, res) => {
    req.headers['x-forwarded-proto'] = 'https';
    host.app(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const servedAt = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let people = 0;

  async function person(): Promise<Person> {
    people += 1;
    const name = `user${people}`;
    const id = `id-${name}`;
    host.users.set(name, { id, name: `${name}@example.com` });
    const browser = new WireBrowser(origin);
    const at = { url: servedAt };
    await browser.post(at, '/login', { username: name, password: 'right' });
    const { body } = await browser.get(at, '/2fa/security/totp');
    const seed = body.secret ?? '';
    const confirmed = await browser.post(at, '/2fa/security/totp', { code: codeAt(seed, host.clock.now()) });
    const backupCodes = confirmed.body.backupCodes as string[];
    await browser.post(at, '/2fa/security/backup-codes/acknowledge', { code: backupCodes[0] });
    const addresses = {
      'otp-sms': `+4206031${String(people).padStart(5, '0')}`,
      'otp-email': `box${people}@mail.example`,
    };
    for (const type of ['otp-sms', 'otp-email'] as const) {
      const added = await host.twoFactor.importFactor(id, { type, address: addresses[type], label: type });
      if (!added.ok) throw new Error(added.code);
    }
    host.clock.move(30 * seconds);
    return {
      name,
      browser,
      backupCodes,
      totp: () => codeAt(seed, host.clock.now()),
      link: () => {
        const mail = host.email.sent.find(({ to, text }) => to === `${name}@example.com` && LINK.test(text));
        return LINK.exec(mail?.text ?? '')?.[0] ?? '';
      },
      sent: (type) => {
        const { sent } = type === 'otp-sms' ? host.sms : host.email;
        return codesOf({ sent: sent.filter(({ to }) => to === addresses[type]) })[0] ?? '';
      },
    };
  }

  return {
    ...host,
    origin,
    servedAt,
    person,
    visit: (cookies = new Map()) => {
      const browser = new PlainBrowser(origin, new Map([[origin, servedAt]]));
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      return browser;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const LINK = /^https:\S+\/2fa\/browser\/\S+$/m;

const LOGIN_PAGE = `<!doctype html><title>Sign in</title>
<form action="/login" method="post"><input name="username"><input name="password" type="password"><button>Sign in</button></form>`;
