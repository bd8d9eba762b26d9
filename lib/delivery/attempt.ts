import { DeliveryError } from './message';

export interface Attempt {
  /** ms; the time that the call gets, whatever the signal allows. */
  readonly timeout: number;
  /** Given by whoever asked to send. */
  readonly signal?: AbortSignal;
  /** The error of what was called as ours. It must keep nothing of the request. */
  readonly rebuild?: (error: unknown) => DeliveryError;
}

/**
 * Calls a provider, or a function of the app, so that nothing gets out of it but a `DeliveryError`, and that no later
 * than at the abort or the timeout, whether what is called honours the signal it is given or not.
 *
 * The timer is ours and no `AbortSignal.timeout`: one that only `AbortSignal.any` refers to may be collected as
 * garbage before it fires (nodejs/node#57736).
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

/** What comes of the work, or a `DeliveryError` as soon as the signal says that nobody waits any longer. */
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
