import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The Python environment that `npm test` makes for the MongoDB-protocol server (docs/testing.md). */
const SECANTUS = resolve(__dirname, '../../.venv/bin/secantusd-py');

/** The first of these programs that is on the PATH, as an absolute path. */
export function findTool(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The browser for tests: `CHROMIUM_PATH`, else one on the PATH. The first has no windows, so a page takes it a fifth of
 * the CPU.
 */
export function findBrowser(): string | undefined {
  return (
    process.env.CHROMIUM_PATH ||
    findTool('chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome')
  );
}

/** The server that `startMongo` runs: `mongod`, else the one in the project's Python environment. */
export function findMongoServer(): { kind: 'mongod' | 'secantus'; command: string } | undefined {
  const mongod = findTool('mongod');
  if (mongod !== undefined) return { kind: 'mongod', command: mongod };
  return isExecutable(SECANTUS) ? { kind: 'secantus', command: SECANTUS } : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
