import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Express } from 'express';

export interface RawAnswer {
  readonly status: number;
  /** Every `Location` line as it was sent. */
  readonly locations: readonly string[];
  readonly text: string;
}

/** Sends bytes that no client would: the request line exactly as given. */
export async function raw(
  app: Express,
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  const server = createServer(app);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const lines = Object.entries({ Host: 'localhost:3000', Connection: 'close', ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const text = await exchange(port, `GET ${target} HTTP/1.1\r\n${head}\r\n`);
    const [top = ''] = text.split('\r\n\r\n');
    return {
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
      locations: [...top.matchAll(/^location: (.*)$/gim)].map(([, value = '']) => value.trimEnd()),
      text,
    };
  } finally {
    await new Promise((done) => {
      server.close(done);
    });
  }
}

const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    connect(port, '127.0.0.1')
      .setEncoding('latin1')
      .on('data', (part) => {
        text += String(part);
      })
      .on('end', () => resolve(text))
      .on('error', reject)
      .end(Buffer.from(bytes, 'utf8'));
  });
