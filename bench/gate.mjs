import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { message } from './load.mjs';
import { alternate } from './measure.mjs';

const script = fileURLToPath(new URL('gate-server.mjs', import.meta.url));

/**
 * A gated request of a signed-in user beside the same app without us, and beside better-auth's session check. What our
 * reads cost by themselves is measured too. Each server is a process of its own, as in real life, and they take turns.
 */
export async function gate(redisUrl) {
  const servers = await Promise.all(
    ['bare', 'ours', 'betterAuth', 'twoCommands'].map((side) => start(side, redisUrl)),
  );
  const [bare, ours, betterAuth, twoCommands] = servers.map(({ port, cookie }) => ({
    port,
    requests: () => Array.from({ length: 3000 }, () => message('GET', '/gated', { cookie })),
  }));
  try {
    return await alternate({ bare, ours, betterAuth, twoCommands }, { rounds: 15, connections: 64 });
  } finally {
    for (const { child } of servers) child.disconnect();
  }
}

function start(side, redisUrl) {
  const child = fork(script, [side, redisUrl]);
  return new Promise((resolve, reject) => {
    child.once('message', ({ port, cookie }) => resolve({ child, port, cookie }));
    child.once('exit', (code) => reject(new Error(`the server of ${side} ended with ${code}`)));
  });
}
