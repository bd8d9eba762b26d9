import { setTimeout as pause } from 'node:timers/promises';
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';

/** What Node calls a server, client, child process or timer that keeps its process alive. */
const HANDLES = [
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'PipeServerWrap',
  'UDPWrap',
  'ProcessWrap',
  'Timeout',
];
const GRACE = 10_000;

/**
 * Fails a test file that leaves something open. Jest would only warn: it ends a worker that does not end by
 * itself, so the fault of a test, or of a `close()` that forgets something, would go by unseen.
 */
export default class LeakCheckingEnvironment extends TestEnvironment {
  private readonly before = count();

  async handleTestEvent(event: Circus.Event, state: Circus.State): Promise<void> {
    if (event.name !== 'run_finish') return;
    const end = performance.now() + GRACE;
    while (this.leftOpen().length > 0 && performance.now() < end) await pause(20);
    const left = this.leftOpen();
    if (left.length > 0)
      state.unhandledErrors.push(failure(`the tests of this file left open: ${left.join(', ')}`));
  }

  private leftOpen(): string[] {
    const now = count();
    return HANDLES.filter((type) => (now.get(type) ?? 0) > (this.before.get(type) ?? 0));
  }
}

/** Without a stack, which would point here and not at the fault. */
function failure(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
