import { DeliveryError, type DeliveryErrorKind } from './delivery-error';
import type { Message, Sender } from './message';

/** Why it was not sent, and how many seconds the provider asked to wait. */
export interface NotSent {
  readonly kind: DeliveryErrorKind;
  readonly retryAfter: number | null;
}

/**
 * Gives a message to its sender, and waits no longer than `timeout` ms, whatever the sender does. What a sender
 * throws stays here: providers put keys, addresses and codes into their errors.
 */
export async function handOver<Kind extends Message>(
  send: Sender<Kind>,
  message: Kind,
  timeout: number,
): Promise<NotSent | null> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new DeliveryError('timeout'));
    }, timeout);
  });
  try {
    await Promise.race([started(send, message, abort.signal), over]);
    return null;
  } catch (error) {
    if (!(error instanceof DeliveryError)) return { kind: 'provider', retryAfter: null };
    return { kind: error.kind, retryAfter: error.retryAfter ?? null };
  } finally {
    clearTimeout(timer);
  }
}

/** One that throws at once is no different from one that rejects. */
const started = async <Kind extends Message>(send: Sender<Kind>, message: Kind, signal: AbortSignal) =>
  send(message, signal);

/** Whether nothing has left for certain; after a time-out it may have. */
export const hasNotLeft = ({ kind }: NotSent): boolean =>
  kind === 'rate-limited' || kind === 'auth' || kind === 'rejected';

/** What it gives; null if it rejects, or takes longer than `ms`. */
export async function inTime(given: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([given, over]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
