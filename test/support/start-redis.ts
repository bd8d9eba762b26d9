import { findTool } from './find-tool';
import { startProcess } from './own-process';
import { startServer, type OwnServer, type ServerOptions } from './own-server';

const IN_MEMORY = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];

export interface RedisOptions extends ServerOptions {
  /** Further arguments for redis-server, such as `['--appendonly', 'yes']`. */
  args?: readonly string[];
}

/** A Redis of the test's own. It keeps nothing on disk unless `args` say so: after a restart it is empty. */
export function startRedis(options: RedisOptions = {}): Promise<OwnServer> {
  const command = findTool('redis-server') ?? 'redis-server';
  const { args = [] } = options;
  return startServer(
    {
      name: 'redis',
      url: (port) => `redis://127.0.0.1:${port}`,
      start: (port, dir) =>
        startProcess({
          command,
          args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...IN_MEMORY, ...args],
          ready: /Ready to accept connections/,
        }),
    },
    options,
  );
}
