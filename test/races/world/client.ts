import type { Express } from 'express';
import { codeAt } from '../../support/browser-agent';
import { origin } from '../../support/host-app';
import { ask, type Answer } from './ask';

/** A browser with its cookies. A copy of it knows what it knew, and learns on its own. */
export class Client {
  constructor(
    private readonly app: () => Express,
    private readonly now: () => number,
    private readonly cookies = new Map<string, string>(),
  ) {}

  copy(): Client {
    return new Client(this.app, this.now, new Map(this.cookies));
  }

  /** The cookie of its session, signed as the app signs it. */
  get session(): string {
    return this.cookies.get('connect.sid') ?? '';
  }

  /** What it keeps so that users are known in it again. */
  get browserTokens(): readonly string[] {
    const [, value = ''] = [...this.cookies].find(([name]) => name.startsWith('2fa-browser-')) ?? [];
    return value.split('.').filter(Boolean);
  }

  /** The same browser, in which nobody is signed in. */
  withoutSession(): Client {
    const others = [...this.cookies].filter(([name]) => name !== 'connect.sid');
    return new Client(this.app, this.now, new Map(others));
  }

  async send(method: string, url: string, body?: object): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      origin,
      ...(cookie && { cookie }),
    };
    const answer = await ask(this.app(), { method, url, headers, ...(body && { body }) });
    for (const set of answer.cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
    return answer;
  }

  readonly me = () => this.send('GET', '/me');
  readonly write = () => this.send('GET', '/write');
  readonly logIn = (username: string) => this.send('POST', '/login', { username, password: 'right' });
  readonly logOut = () => this.send('POST', '/logout');
  readonly destroy = () => this.send('POST', '/destroy');
  readonly changePassword = () => this.send('POST', '/password');
  readonly totp = (code: string) => this.send('POST', '/2fa/totp', { code });
  readonly totpRemembered = (code: string) => this.send('POST', '/2fa/totp', { code, remember: true });
  readonly forgetBrowsers = () => this.send('POST', '/2fa/security/browsers/forget');
  readonly backupCode = (code: string) => this.send('POST', '/2fa/backup-code', { code });
  readonly sendCode = () => this.send('POST', '/2fa/otp-email/send');
  readonly mailed = (code: string) => this.send('POST', '/2fa/otp-email', { code });
  readonly askKey = () => this.send('POST', '/2fa/webauthn/options');
  readonly key = (response: object) => this.send('POST', '/2fa/webauthn', { response });
  readonly askPasskey = () => this.send('POST', '/2fa/passkey/options');
  readonly passkey = (response: object) => this.send('POST', '/2fa/passkey', { response });
  readonly askNewKey = () => this.send('POST', '/2fa/security/webauthn/options');
  readonly newKey = (response: object) => this.send('POST', '/2fa/security/webauthn', { response });
  readonly cancel = () => this.send('POST', '/2fa/cancel');
  readonly beginTotp = () => this.send('GET', '/2fa/security/totp');
  readonly confirmTotp = (code: string, label?: string) =>
    this.send('POST', '/2fa/security/totp', { code, ...(label && { label }) });
  readonly acknowledge = (code: string) =>
    this.send('POST', '/2fa/security/backup-codes/acknowledge', { code });
  readonly renewCodes = () => this.send('POST', '/2fa/security/backup-codes');
  readonly logins = () => this.send('GET', '/2fa/security/logins');
  readonly endLogin = (id: string) => this.send('POST', `/2fa/security/logins/${id}/end`);
  readonly remove = (factorId: string) =>
    this.send('DELETE', `/2fa/security/factors/${encodeURIComponent(factorId)}`);

  /** Switches two-factor on by an app whose secret and backup codes it returns. */
  async enrol(): Promise<{ secret: string; backupCodes: string[]; factorId: string }> {
    const secret = String((await this.beginTotp()).body.secret);
    const { body } = await this.confirmTotp(codeAt(secret, this.now()));
    const { backupCodes, factor } = body as { backupCodes: string[]; factor: { id: string } };
    await this.acknowledge(backupCodes[9] ?? '');
    return { secret, backupCodes, factorId: factor.id };
  }
}
