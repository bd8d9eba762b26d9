import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './run.mjs';

/** Runs Node on a file with our own input and output. `ended` gives the exit code, as a shell would. */
export function startNode(args, { env = {} } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  return { child, ended };
}

/** Passes signals on to the child and lets it end by itself; `then` is told. */
export function passSignals(child, then = () => undefined) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      child.kill(signal);
      then(signal);
    });
  }
}
