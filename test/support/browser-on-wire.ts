import { send, type Answer } from './http-client';

export interface Place {
  readonly url: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/**
 * A browser that handles cookies, `Origin` and hidden form fields, in front of one app served by several processes:
 * each call says which one answers.
 */
export class WireBrowser {
  readonly cookies = new Map<string, string>();
  private formToken = '';

  /** @param watch sees what is sent and what comes back */
  constructor(
    readonly origin: string,
    private readonly watch: (sent: Fields, answer: Answer) => void = () => undefined,
  ) {}

  /** Another browser with the same state. */
  copy(): WireBrowser {
    const copy = new WireBrowser(this.origin, this.watch);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    copy.formToken = this.formToken;
    return copy;
  }

  /** A script's GET. */
  get(at: Place, path: string): Promise<Answer> {
    return this.go(at, path, { headers: { accept: 'application/json' } });
  }

  /** A page is opened. */
  page(at: Place, path: string): Promise<Answer> {
    return this.go(at, path, { headers: { accept: 'text/html' } });
  }

  /** A script posts JSON. */
  post(at: Place, path: string, fields: Fields = {}, method = 'POST'): Promise<Answer> {
    const headers = { accept: 'application/json', 'content-type': 'application/json', origin: this.origin };
    return this.go(at, path, { method, headers, body: JSON.stringify(fields) }, fields);
  }

  /** A form is posted, with the token of the page shown last. */
  form(at: Place, path: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const type = 'application/x-www-form-urlencoded';
    const headers = { accept: 'text/html', 'content-type': type, origin: this.origin };
    const body = new URLSearchParams({ form_token: this.formToken, ...fields }).toString();
    return this.go(at, path, { method: 'POST', headers, body }, fields);
  }

  async go(at: Place, path: string, what: Parameters<typeof send>[2], sent: Fields = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...what.headers, ...(cookie !== '' && { cookie }) };
    const answer = await send(at.url, path, { ...what, headers });
    this.keep(answer);
    this.watch(sent, answer);
    return answer;
  }

  /** The id in a session cookie of express-session. */
  get sessionId(): string {
    return sessionIdIn(this.cookies.get('webadmin.sid') ?? '');
  }

  private keep({ headers, text }: Answer): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.formToken = formTokenIn(text) ?? this.formToken;
  }
}

export const formTokenIn = (page: string): string | undefined =>
  /name="form_token" value="([^"]+)"/.exec(page)?.[1];

/** `s:<id>.<signature>`, percent-encoded. */
export const sessionIdIn = (cookie: string): string =>
  /^s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? '';
