import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMongoServer } from './find-tool';
import { startProcess, type OwnProcess } from './own-process';
import { startServer, type OwnServer, type ServerOptions } from './own-server';

/** A MongoDB-protocol server of the test's own. Acknowledged writes survive `kill()` and `restart()`. */
export function startMongo(options: ServerOptions = {}): Promise<OwnServer> {
  const server = findMongoServer();
  if (server === undefined) throw new Error('no MongoDB server to start: see docs/testing.md');
  const start = server.kind === 'mongod' ? startMongod : startSecantus;
  return startServer(
    {
      name: 'mongo',
      url: (port) => `mongodb://127.0.0.1:${port}`,
      start: (port, dir) => start(server.command, port, dir),
    },
    options,
  );
}

function startMongod(command: string, port: number, dir: string): Promise<OwnProcess> {
  const args = ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', dir, '--nounixsocket'];
  return startProcess({ command, args, ready: /Waiting for connections/i });
}

function startSecantus(command: string, port: number, dir: string): Promise<OwnProcess> {
  // An empty configuration, so that none from the user's home is used.
  const config = join(dir, 'secantusd.toml');
  const data = join(dir, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(config, '');
  // Without --sync-on-commit an acknowledged write can be lost by a kill.
  const durable = ['--standalone', '--sync-on-commit'];
  const address = ['--host', '127.0.0.1', '--port', String(port)];
  const args = ['--config', config, '--storage-path', data, ...address, ...durable];
  return startProcess({ command, args, cwd: dir, ready: /listening on/ });
}
