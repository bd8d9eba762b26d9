import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOnPath, root } from '../scripts/run.mjs';

/** Our own Redis, and MONGODB_URI or the MongoDB-protocol server that the tests use. */
export async function startServers() {
  const folder = mkdtempSync(join(tmpdir(), 'second-factor-bench-'));
  const running = [];
  const start = async (command, args, port) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    running.push(child);
    await reachable(port);
  };
  const redisPort = await freePort();
  await start(
    'redis-server',
    ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    redisPort,
  );
  let mongoUrl = process.env.MONGODB_URI;
  if (!mongoUrl) {
    const port = await freePort();
    mongoUrl = `mongodb://127.0.0.1:${port}/bench`;
    if (isOnPath('mongod')) await start('mongod', ['--port', `${port}`, '--dbpath', folder], port);
    else {
      const server = join(root, '.venv/bin/secantusd-py');
      await start(
        server,
        ['--port', `${port}`, '--storage-path', join(folder, 'mongo'), '--standalone', '--sync-on-commit'],
        port,
      );
    }
  }
  return {
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    mongoUrl,
    stop: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

async function reachable(port) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => socket.destroy()).unref();
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing answers on port ${port}`);
}
