import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './run.mjs';

const LIMIT = 15 * 60_000;

/**
 * Runs the work while no other process of this checkout does: two commands started at the same time must not install or
 * build over each other. The lock is a socket name in the kernel, which is free again when its holder ends, however it
 * ends. Only Linux has such names; elsewhere there is no lock.
 */
export async function withLock(work) {
  const release = process.platform === 'linux' ? await take() : () => undefined;
  try {
    return await work();
  } finally {
    release();
  }
}

async function take() {
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 32);
  const end = Date.now() + LIMIT;
  for (let told = false; ; told = true) {
    const server = await listen(`\0express-second-factor-${digest}`);
    if (server) return () => server.close();
    if (Date.now() > end) throw new Error('another process has been setting up this checkout for 15 minutes');
    if (!told) console.log('waiting for another process that is setting up this checkout');
    await pause(200);
  }
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}
