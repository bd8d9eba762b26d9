import { AsyncLocalStorage } from 'node:async_hooks';
import { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment';
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';
import { errorField } from '../../lib/errors';
import { compileOnce } from './compile-once';
import { onOneScreen, type Exchange } from './exchanges';
import { SharedRealm } from './shared-realm';

// Plain JavaScript, as jest.config.js loads it.
const { isAlone } = require('./projects') as { isAlone: (file: string) => boolean };

/** Node's names for a server, client, child process or timer that keeps its process alive. */
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

// Once for each worker, as is this module.
compileOnce();
keepOutagesQuiet();

/** Many tests take a store down, and nobody needs to read that it is. */
function keepOutagesQuiet(): void {
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (errorField(warning, 'code') === 'SECOND_FACTOR_UNAVAILABLE') return;
    for (const tell of listeners) tell(warning);
  });
}

const { listen } = Server.prototype;
const { connect } = Socket.prototype;
const { getStore, run } = AsyncLocalStorage.prototype;

/**
 * Each file has its own copy of whatever uses `AsyncLocalStorage`, and Node 20 serves every storage that was ever used
 * at every promise: the tenth file of a worker would pay for ten.
 */
const storages = new Set<AsyncLocalStorage<unknown>>();
/** Jest's runner has its test or hook in one. They run one after the other, so a note does, and costs no promise. */
const running = new WeakMap<AsyncLocalStorage<unknown>, unknown>();

AsyncLocalStorage.prototype.run = function noted(
  this: AsyncLocalStorage<unknown>,
  store: unknown,
  callback: (...args: unknown[]) => unknown,
  ...args: unknown[]
) {
  if (!isOfRunner(store)) {
    storages.add(this);
    const result: unknown = Reflect.apply(run, this, [store, callback, ...args]);
    return result;
  }
  const before = running.get(this);
  running.set(this, store);
  const result = callback(...args);
  return Promise.resolve(result).finally(() => running.set(this, before));
} as typeof run;

AsyncLocalStorage.prototype.getStore = function noted(this: AsyncLocalStorage<unknown>) {
  const result: unknown = running.get(this) ?? Reflect.apply(getStore, this, []);
  return result;
};

const isOfRunner = (store: unknown): boolean =>
  typeof store === 'object' && store !== null && ('test' in store || 'hook' in store);

function noNetwork(): never {
  throw new Error(
    'a unit test opens no connection: the file is in this project because it loads neither supertest, express, ' +
      'node:http, node:net, node:child_process nor playwright-core (test/support/projects.js)',
  );
}

/**
 * Shows with a failed test its last requests and their answers, and fails a test file that leaves something open. Jest
 * would only warn: it ends a worker that does not end by itself, so a bug in a test, or in a `close()` that forgets
 * something, would go unnoticed. In the project `unit` nothing may be opened at all.
 */
export default class CheckingEnvironment implements JestEnvironment {
  /** Whether the file shares the realm and the modules of its worker: all do but those that replace some of it. */
  readonly keepsModules: boolean;
  readonly global: JestEnvironment['global'];
  private readonly realm: SharedRealm | InstanceType<typeof TestEnvironment>;
  private readonly before = count();
  private readonly isUnit: boolean;
  private readonly exchanges: Exchange[] = [];

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    this.keepsModules = !isAlone(context.testPath) && !config.globalConfig.collectCoverage;
    this.realm = this.keepsModules
      ? new SharedRealm(config.projectConfig)
      : new TestEnvironment(config, context);
    this.global = this.realm.global;
    const project = config.projectConfig.displayName?.name ?? '';
    this.isUnit = project === 'unit';
    this.global.process.env.TEST_PROJECT = project;
    this.global.exchanges = this.exchanges;
    // The app under test reads these two: it must see what its test sets, and nothing of the user's own.
    delete this.global.process.env.MONGODB_URI;
    delete this.global.process.env.REDIS_URL;
  }

  async setup(): Promise<void> {
    await this.realm.setup();
    if (this.isUnit) [Server.prototype.listen, Socket.prototype.connect] = [noNetwork, noNetwork];
  }

  async teardown(): Promise<void> {
    [Server.prototype.listen, Socket.prototype.connect] = [listen, connect];
    for (const storage of storages) storage.disable();
    storages.clear();
    await this.realm.teardown();
  }

  get moduleMocker(): JestEnvironment['moduleMocker'] {
    return this.realm.moduleMocker;
  }

  get fakeTimers(): JestEnvironment['fakeTimers'] {
    return this.realm.fakeTimers;
  }

  get fakeTimersModern(): JestEnvironment['fakeTimersModern'] {
    return this.realm.fakeTimersModern;
  }

  exportConditions(): string[] {
    return this.realm.exportConditions();
  }

  getVmContext(): ReturnType<JestEnvironment['getVmContext']> {
    return this.realm.getVmContext();
  }

  async handleTestEvent(event: Circus.Event, state: Circus.State): Promise<void> {
    if (event.name === 'test_start') this.exchanges.length = 0;
    if (event.name === 'test_done') this.show(event.test.errors);
    if (event.name !== 'run_finish') return;
    const end = performance.now() + GRACE;
    while (this.leftOpen().length > 0 && performance.now() < end) await pause(20);
    const left = this.leftOpen();
    if (left.length > 0)
      state.unhandledErrors.push(failure(`the tests of this file left open: ${left.join(', ')}`));
  }

  private show(errors: readonly unknown[]): void {
    if (process.env.TEST_WHOLE) return;
    // Each is what was thrown, or that together with the position of the test.
    for (const thrown of errors.flat().filter(hasStack).slice(0, 1))
      thrown.stack = onOneScreen(thrown.stack, this.exchanges);
  }

  private leftOpen(): string[] {
    const now = count();
    return HANDLES.filter((type) => (now.get(type) ?? 0) > (this.before.get(type) ?? 0));
  }
}

/** An error from the test's own realm fails `instanceof Error` here. */
const hasStack = (thrown: unknown): thrown is { stack: string } =>
  typeof thrown === 'object' && thrown !== null && 'stack' in thrown && typeof thrown.stack === 'string';

/** Without a stack, which would point here and not at the bug. */
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
