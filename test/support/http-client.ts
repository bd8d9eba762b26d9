import { request, type IncomingHttpHeaders } from 'node:http';
import { noteExchange } from './exchanges';

/** What our JSON answers can contain, as far as tests look at it. */
interface Body {
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly url?: string;
    readonly triesLeft?: number;
    readonly retryAfter?: number;
    readonly field?: string;
  };
  readonly status?: string;
  readonly url?: string;
  readonly username?: string;
  readonly secret?: string;
  readonly backupCodes?: unknown;
  readonly challenge?: string;
  readonly types?: readonly { readonly factors: readonly { readonly id: string }[] }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Only of a JSON answer; otherwise empty. */
  readonly body: Body;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const LIMIT = 30_000;

/**
 * One request, on a connection of its own. The path is sent as given: `fetch` and supertest normalise `..` and escapes
 * before a server could get them wrong.
 */
export function send(url: string, path: string, { method = 'GET', headers, body }: Sending): Promise<Answer> {
  const { hostname, port } = new URL(url);
  // Node frames the body of a POST by itself, but not that of a DELETE.
  const framed = { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers: framed, agent: false, timeout: LIMIT };
    const sent = request(options, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.once('error', reject);
      res.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const {
          statusCode: status = 0,
          headers: { location },
        } = res;
        noteExchange({ method, url: path, sent: body, status, location, text });
        resolve({
          status,
          headers: res.headers,
          text,
          body: readBody(res.headers, text),
        });
      });
    });
    sent.once('timeout', () => sent.destroy(new Error(`${method} ${path} hung`)));
    sent.once('error', reject);
    sent.end(body);
  });
}

const readBody = (headers: IncomingHttpHeaders, text: string): Body =>
  text !== '' && headers['content-type']?.startsWith('application/json') ? (JSON.parse(text) as Body) : {};
