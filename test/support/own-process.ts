import { spawn, type ChildProcess } from 'node:child_process';
import { onDeath } from './on-death';
import { untilStopped } from './until-stopped';
import { within } from './within';

const START_LIMIT = 20_000;
const STOP_LIMIT = 5_000;

/** A child process that cannot outlive the process that started it, however that one ends. */
export interface OwnProcess {
  readonly pid: number;
  /** What it has printed so far, the newest 64 kB. */
  output: () => string;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks it to end (SIGTERM), and after 5 s makes it. A frozen one is thawed first. */
  stop: () => Promise<void>;
  /** SIGKILL: it ends at once and tidies up nothing. */
  kill: () => Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze: () => void;
  /** SIGCONT. */
  thaw: () => void;
}

export interface StartOptions {
  command: string;
  args: readonly string[];
  /** What it prints, on either stream, once it is ready. */
  ready: RegExp;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts a process and waits until it has said that it is ready. */
export async function startProcess(options: StartOptions): Promise<OwnProcess> {
  const { command, args, ready } = options;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const own = ownProcess(child);
  const isReady = new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (ready.test(own.output())) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('error', reject);
    void own.ended.then(() => reject(new Error(`${command} ended before it was ready`)));
  });
  try {
    await within(START_LIMIT, `${command} to be ready`, isReady);
  } catch (error) {
    await own.kill();
    throw new Error(`${command} ${args.join(' ')} did not start:\n${own.output()}`, { cause: error });
  }
  return own;
}

function ownProcess(child: ChildProcess): OwnProcess {
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-65_536);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);

  const dismiss = child.pid === undefined ? () => undefined : onDeath('kill -9 "$1"', String(child.pid));
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  void ended.then(dismiss);

  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await within(STOP_LIMIT, 'a killed process to end', ended);
  };
  return {
    pid: child.pid ?? 0,
    output: () => printed,
    ended,
    kill,
    freeze: () => {
      child.kill('SIGSTOP');
      untilStopped(child.pid ?? 0);
    },
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await within(STOP_LIMIT, 'a process to end', ended).catch(kill);
    },
  };
}
