import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port';
import { startProcess, type OwnProcess } from './own-process';
import { within } from './within';

export { DEMO_PASSWORD as demoPassword, DEMO_TOTP_SEED as demoSeed } from '../../example-app/demo-users';

const ROOT = join(__dirname, '../..');
const READY = /WebAdmin is ready/;
const MAIN = 'dist/example-app/main.js';

/** Makes `dist` from the current sources; quick if it is up to date. Call it in `beforeAll`. */
export function buildWebAdmin(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'pipe', timeout: 100_000 });
}

export interface WebAdmin extends OwnProcess {
  /** Where it listens; its configured origin may differ (`ORIGIN`). */
  readonly url: string;
}

/** The example app in a process of its own, as `npm run example` starts it. */
export async function startWebAdmin(env: NodeJS.ProcessEnv = {}): Promise<WebAdmin> {
  const port = env.PORT ?? String(await freePort());
  const started = await startProcess({
    command: process.execPath,
    args: [MAIN],
    ready: READY,
    cwd: ROOT,
    env: processEnv({ ...env, PORT: port }),
  });
  return Object.assign(started, { url: `http://localhost:${port}` });
}

/** Runs the app until it ends, which `whenReady` may cause; without it the app is expected to end by itself. */
export async function runWebAdmin(
  env: NodeJS.ProcessEnv,
  whenReady?: (pid: number) => void | Promise<void>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN], {
    cwd: ROOT,
    env: processEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    const wasReady = READY.test(output);
    output += chunk.toString();
    if (!wasReady && READY.test(output)) void whenReady?.(child.pid ?? 0);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  try {
    return { code: await within(20_000, 'the app to end', ended), output };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Nothing from the tester's environment but the PATH; hashes as cheap as is allowed in tests. */
const processEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NODE_ENV: 'test',
  SCRYPT_COST: '4',
  // Most tests are not about it.
  NEW_BROWSER: 'notice',
  ...env,
});
