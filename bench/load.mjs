import { connect } from 'node:net';

/**
 * Sends `requests` (whole HTTP/1.1 messages) over `connections` keep-alive sockets, each sending the next one as soon
 * as its answer is complete. Small on purpose: what the client costs is taken from both sides equally.
 *
 * @returns requests per second, and how many answers had each status
 */
export async function load(port, requests, connections) {
  const statuses = new Map();
  let next = 0;
  const take = () => (next < requests.length ? requests[next++] : undefined);
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, () => worker(port, take, statuses)));
  return { perSecond: (requests.length / (performance.now() - started)) * 1000, statuses };
}

function worker(port, take, statuses) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let buffer = '';
    const send = () => {
      const request = take();
      if (request === undefined) socket.end(resolve);
      else socket.write(request);
    };
    socket
      .setNoDelay(true)
      .setEncoding('latin1')
      .setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject).on('connect', send);
    socket.on('data', (chunk) => {
      buffer += String(chunk);
      const head = buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(buffer.slice(0, head))?.[1] ?? 0);
      if (buffer.length < head + 4 + length) return;
      const status = buffer.slice(9, 12);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      buffer = '';
      send();
    });
  });
}

export const message = (method, path, headers, body) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = Object.entries({
    host: 'localhost',
    accept: 'application/json',
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
};
