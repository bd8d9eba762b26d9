import { DeliveryError } from '../delivery-error';
import { untilAborted } from './until-aborted';

export interface Attempt {
  /** Given by whoever asked to send. */
  readonly signal: AbortSignal;
  /** ms; the time that the provider gets, whatever the signal allows. */
  readonly timeout: number;
  /** The provider's error as ours. It must keep nothing of the request. */
  readonly rebuild: (error: unknown) => DeliveryError;
}

/**
 * Calls a provider so that nothing gets out of it but a `DeliveryError`, and that no later than at the abort or
 * the timeout, whether the provider honours the signal it is given or not.
 *
 * The timer is ours and no `AbortSignal.timeout`: one that only `AbortSignal.any` refers to may be collected as
 * garbage before it fires (nodejs/node#57736).
 */
export async function attempt(
  call: (signal: AbortSignal) => Promise<unknown>,
  { signal, timeout, rebuild }: Attempt,
): Promise<void> {
  if (signal.aborted) throw new DeliveryError('timeout');
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, timeout);
  signal.addEventListener('abort', end, { once: true });
  try {
    await untilAborted(call(over.signal), over.signal);
  } catch (error) {
    if (over.signal.aborted) throw new DeliveryError('timeout');
    throw error instanceof DeliveryError ? error : rebuild(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
