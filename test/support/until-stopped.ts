import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LIMIT = 2_000;

/**
 * Blocks this process until every thread of `pid` has stopped. The signal call returns before they do, and on a busy
 * machine a thread may answer one more request. Only Linux tells; elsewhere this does not wait.
 */
export function untilStopped(pid: number): void {
  const end = performance.now() + LIMIT;
  while (isRunning(pid) && performance.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

function isRunning(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return existsSync(tasks) && readdirSync(tasks).some((thread) => !/^\) [TtZX]/.test(stateOf(tasks, thread)));
}

/** Read from after the name, which may contain anything. */
function stateOf(tasks: string, thread: string): string {
  try {
    const stat = readFileSync(`${tasks}/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')'));
  } catch {
    return ') X';
  }
}
