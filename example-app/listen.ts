import { once } from 'node:events';
import type { Server } from 'node:http';
import { StartError } from './errors';

export async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port);
    await once(server, 'listening');
  } catch (error) {
    throw asStartError(error, port);
  }
}

function asStartError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new StartError(`Port ${port} is in use. Give another: PORT=${port + 1}`);
  if (code === 'EACCES')
    return new StartError(`Port ${port} is not allowed to this user. Give another: PORT=3000`);
  return error;
}
