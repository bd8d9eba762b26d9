import { DeliveryError } from './message';

export interface Attempt {
  /** ms; how long the call may take, whatever the signal allows. */
  readonly timeout: number;
  /** The signal of whoever asked to send. */
  readonly signal?: AbortSignal;
  /** Turns the error into one of ours, which must contain nothing of the request. */
  readonly rebuild?: (error: unknown) => DeliveryError;
}

/**
 * Calls a provider, or a function of the app, so that nothing but a `DeliveryError` gets out, and no later than the
 * abort or the timeout, whether or not the call honours the signal it is given.
 *
 * The timer is our own and not `AbortSignal.timeout`: one that only `AbortSignal.any` refers to may be garbage
 * collected before it fires (nodejs/node#57736).
 */
export async function attempt<Value>(
  call: (signal: AbortSignal) => Value | Promise<Value>,
  { timeout, signal, rebuild = () => new DeliveryError('provider') }: Attempt,
): Promise<Value> {
  if (signal?.aborted) throw new DeliveryError('timeout');
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, timeout);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await untilAborted(call(over.signal), over.signal);
  } catch (error) {
    if (over.signal.aborted) throw new DeliveryError('timeout');
    throw error instanceof DeliveryError ? error : rebuild(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** The result of the work, or a `DeliveryError` as soon as the signal says that nobody is waiting any longer. */
export async function untilAborted<Value>(work: Value | Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new DeliveryError('timeout'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
