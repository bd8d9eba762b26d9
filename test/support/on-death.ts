import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Runs a shell script once this process has ended, by whatever means: an `exit` handler does not run on SIGKILL,
 * but the kernel closes the pipe on which the shell waits. Dismissed, the shell ends and does nothing.
 */
export function onDeath(script: string, ...args: readonly string[]): () => void {
  const wait = `trap '' INT TERM HUP; read -r dismissed || { ${script}; }`;
  const shell = spawn('/bin/sh', ['-c', wait, 'on-death', ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
  // Neither the shell nor its pipe keeps this process alive.
  shell.unref();
  (shell.stdin as Socket).unref();
  shell.stdin.on('error', () => undefined);
  return () => void shell.stdin.end('dismissed\n');
}
