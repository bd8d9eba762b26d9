import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Answer = (response: ServerResponse) => void;

/** A provider's API on this machine: notes what it is asked, and answers as it is told. */
export class Loopback {
  readonly asked: Asked[] = [];
  answer: Answer = (response) => response.end();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      this.asked.push({ method, path: url, headers, body });
      this.answer(response);
    });
  });

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const text =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};

/** Never answers. */
export const slow: Answer = () => undefined;

/** A port that nobody listens on. */
export async function refusedUrl(): Promise<string> {
  const loopback = new Loopback();
  await loopback.start();
  const { url } = loopback;
  await loopback.stop();
  return url;
}
