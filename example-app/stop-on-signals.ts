import type { Server } from 'node:http';
import { stackOf } from './errors';

const REQUESTS_LIMIT = 2_500;
const STORES_LIMIT = 1_500;

/** On SIGTERM and SIGINT: no new requests, the running ones end, then the stores are closed. Never waits long. */
export function stopOnSignals(server: Server, close: () => Promise<void>): void {
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    await atMost(REQUESTS_LIMIT, closed);
    server.closeAllConnections();
    await atMost(STORES_LIMIT, close());
  };
  const stopOnce = (): void => {
    process.off('SIGTERM', stopOnce).off('SIGINT', stopOnce);
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('WebAdmin did not stop cleanly:', stackOf(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stopOnce).on('SIGINT', stopOnce);
}

const atMost = (limit: number, work: Promise<void>): Promise<void> =>
  Promise.race([
    work,
    new Promise<void>((resolve) => {
      setTimeout(resolve, limit).unref();
    }),
  ]);
