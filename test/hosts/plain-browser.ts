import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { send, type Answer } from '../support/http-client';

/** A page as its reader has it: where it is, what it says, and what was asked and answered on the way. */
export interface Page {
  readonly address: string;
  readonly status: number;
  readonly text: string;
  readonly trail: readonly string[];
}

interface Going {
  readonly method: string;
  readonly from: 'none' | 'same-origin' | 'cross-site';
  readonly body?: string;
}

const longest = 12;
const formType = 'application/x-www-form-urlencoded';

/**
 * A browser without scripts: it opens pages, fills in their forms, follows links and redirects from one site to another, and says
 * of itself what browsers say.
 */
export class PlainBrowser {
  readonly cookies = new Map<string, string>();
  page: Page = { address: '', status: 0, text: '', trail: [] };

  /** @param sites where each origin is served */
  constructor(
    readonly home: string,
    private readonly sites: ReadonlyMap<string, string>,
  ) {}

  /** An address is typed. */
  open(path: string): Promise<Page> {
    return this.go(new URL(path, this.home), { method: 'GET', from: 'none' });
  }

  /** The link of this page that leads to `path`. */
  follow(path: string): Promise<Page> {
    const links = [...this.page.text.matchAll(/<a\b[^>]*>/g)].map(([link]) => attribute(link, 'href'));
    const found = links.find((link) => link.split('?', 1)[0] === path);
    if (found === undefined)
      throw new Error(`${this.page.address} has no link to ${path}:\n${this.page.text}`);
    return this.go(new URL(found, this.page.address), { method: 'GET', from: 'same-origin' });
  }

  /** The form of this page that posts to `action`, with its hidden fields unless `fields` says otherwise. */
  submit(action: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = formsOf(this.page.text).find((one) => one.action.split('?', 1)[0] === action);
    if (!form) throw new Error(`${this.page.address} has no form for ${action}:\n${this.page.text}`);
    const body = new URLSearchParams({ ...form.hidden, ...fields }).toString();
    return this.go(new URL(form.action, this.page.address), { method: 'POST', from: 'same-origin', body });
  }

  /** A picture of a page, or what a script fetches: no page, and no redirect is followed. */
  fetch(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const sent = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', ...headers };
    return this.ask(new URL(path, this.home), { method: 'GET', from: 'same-origin' }, sent);
  }

  private async go(url: URL, going: Going, trail: readonly string[] = []): Promise<Page> {
    if (trail.length > longest) throw new Error(`redirects without an end: ${trail.join(', ')}`);
    const headers = {
      accept: 'text/html,*/*;q=0.8',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const answer = await this.ask(url, going, headers);
    const walked = [...trail, `${going.method} ${this.shortOf(url)} ${answer.status}`];
    const location = answer.headers.location ?? refreshOf(answer.text);
    if (location === undefined) {
      this.page = { address: url.href, status: answer.status, text: answer.text, trail: walked };
      return this.page;
    }
    const next = new URL(location, url);
    const from = next.origin !== url.origin && going.from !== 'none' ? 'cross-site' : going.from;
    return this.go(next, { method: 'GET', from }, walked);
  }

  private async ask(
    url: URL,
    { method, from, body }: Going,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const isHome = url.origin === this.home;
    const answer = await send(this.sites.get(url.origin) ?? url.origin, url.pathname + url.search, {
      method,
      headers: {
        ...headers,
        'sec-fetch-site': from,
        ...(isHome && cookie !== '' && { cookie }),
        ...(from === 'same-origin' && this.page.address !== '' && { referer: this.page.address }),
        ...(body !== undefined && { 'content-type': formType, origin: this.home }),
      },
      ...(body !== undefined && { body }),
    });
    if (isHome) this.keep(answer);
    return answer;
  }

  private keep({ headers }: Answer): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  private shortOf(url: URL): string {
    return (url.origin === this.home ? '' : 'elsewhere') + url.pathname;
  }
}

/** A page may lead on by itself. */
function refreshOf(page: string): string | undefined {
  const [tag = ''] = /<meta http-equiv="refresh"[^>]*>/.exec(page) ?? [];
  return /^0; url=(.+)$/.exec(attribute(tag, 'content'))?.[1];
}

interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

function formsOf(page: string): readonly Form[] {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag = '', inside = '']) => {
    const inputs = [...inside.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([input]) => input);
    const hidden = inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')] as const);
    return { action: attribute(tag, 'action'), hidden: Object.fromEntries(hidden) };
  });
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  quot: '"',
  lt: '<',
  gt: '>',
  '#34': '"',
  '#39': "'",
};

const attribute = (tag: string, name: string): string =>
  (new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replace(
    /&([^;]+);/g,
    (whole, one: string) => named[one] ?? whole,
  );

/** Serves on this machine for the tests of the `describe` that this is called in. */
export function useServers(): (listener: RequestListener) => Promise<string> {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    }
  });
  return async (listener) => {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
}
