import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory: every script works from there, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command to its end, with at most `minutes` per try, and throws if no try succeeds. */
export function run(command, args, { tries = 1, minutes = 10, env = {} } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const result = spawnSync(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: minutes * 60_000,
    });
    if (result.status === 0) return;
    const why =
      result.error?.message ?? (result.signal ? `ended by ${result.signal}` : `exit code ${result.status}`);
    if (attempt === tries) throw new Error(`${command} ${args.join(' ')}: ${why}`);
  }
}

/** What a command printed, or undefined if it can't be run or fails. */
export function ask(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

export function isOnPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => isExecutable(join(folder, name)));
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
