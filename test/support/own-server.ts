import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';
import type { OwnProcess } from './own-process';

/** A server that one test owns and may harm. */
export interface OwnServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Of the process that runs now: a restart changes it. */
  readonly pid: number;
  /** Ends it in good order and deletes the data, if the directory was made for it. */
  stop: () => Promise<void>;
  /** SIGKILL. The data stay for `restart`. */
  kill: () => Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  freeze: () => void;
  /** SIGCONT: it goes on where it was. */
  thaw: () => void;
  /** Kills it if it runs, and starts it on the same port with the same data. */
  restart: () => Promise<void>;
}

export interface ServerOptions {
  port?: number;
  dir?: string;
}

interface Recipe {
  name: string;
  url: (port: number) => string;
  start: (port: number, dir: string) => Promise<OwnProcess>;
}

/** Starts a server by its recipe, on a free port and in a directory of its own unless told otherwise. */
export async function startServer(recipe: Recipe, options: ServerOptions): Promise<OwnServer> {
  const dir = options.dir ?? mkdtempSync(join(process.env.TEST_DIR ?? tmpdir(), `${recipe.name}-`));
  const started = await startOn(options.port, (port) => recipe.start(port, dir));
  const { port } = started;
  let current = started.process;
  return {
    url: recipe.url(port),
    port,
    dir,
    get pid() {
      return current.pid;
    },
    kill: () => current.kill(),
    freeze: () => current.freeze(),
    thaw: () => current.thaw(),
    stop: async () => {
      await current.stop();
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
    restart: async () => {
      await current.kill();
      current = await recipe.start(port, dir);
    },
  };
}

/** Between finding a free port and listening on it another process may take it: then the next one is tried. */
async function startOn(
  asked: number | undefined,
  start: (port: number) => Promise<OwnProcess>,
): Promise<{ port: number; process: OwnProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = asked ?? (await freePort());
    try {
      return { port, process: await start(port) };
    } catch (error) {
      if (asked !== undefined || attempt === 3) throw error;
    }
  }
}
