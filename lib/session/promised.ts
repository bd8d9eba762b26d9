type Done = (error?: unknown) => void;

/** Calls a callback-style function and waits for its callback. */
export const promised = (start: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error ? reject(toError(error)) : resolve()));
  });

/** The same, for the value it calls back with. */
export const answered = (
  start: (done: (error: unknown, value?: unknown) => void) => void,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(toError(error)) : resolve(value)));
  });

/** Old code may call back with any value as an error. */
const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(`failed: ${typeof error}`);

/** Calls back once, outside the promise, so that what the callback throws does not end up in it. */
export function callBack<Value>(work: Promise<Value>, done: (value: Value) => void, fail: Done): void {
  work.then(
    (value) => process.nextTick(done, value),
    (error: unknown) => process.nextTick(fail, error),
  );
}
