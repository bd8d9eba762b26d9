import { AsyncLocalStorage } from 'node:async_hooks';

const { getStore, run } = AsyncLocalStorage.prototype;

/** That of Jest's runner: it makes one for each file, and is the first there to use any. */
const ofRunner = new Set<unknown>();
let running: unknown;

/**
 * Jest's runner keeps the test that is running in an `AsyncLocalStorage`, for which Node 20 calls a hook at every
 * promise of the app under test, and of the files after it too. Tests run one after another, so a variable will do.
 */
AsyncLocalStorage.prototype.run = function keep(
  this: AsyncLocalStorage<unknown>,
  store: unknown,
  callback: (...given: unknown[]) => unknown,
  ...given: unknown[]
): unknown {
  if (ofRunner.size === 0) ofRunner.add(this);
  if (!ofRunner.has(this)) return run.call(this, store, callback, ...given);
  const before = running;
  running = store;
  return Promise.resolve(callback(...given)).finally(() => {
    running = before;
  });
} as typeof run;

AsyncLocalStorage.prototype.getStore = function get(this: AsyncLocalStorage<unknown>): unknown {
  return ofRunner.has(this) ? running : getStore.call(this);
};

/** The next file has a runner of its own. */
export function forgetRunner(): void {
  ofRunner.clear();
  running = undefined;
}
