import { attempt } from './attempt';
import { DeliveryError, type DeliveryErrorKind, type Message, type Sender } from './message';

/** Why it was not sent, and how many seconds the provider asked us to wait. */
export interface NotSent {
  readonly kind: DeliveryErrorKind;
  readonly retryAfter: number | null;
}

/**
 * Passes a message to its sender, and waits no longer than `timeout` ms, whatever the sender does. What a sender throws
 * stays here: providers put keys, addresses and codes into their errors.
 */
export async function handOver<Kind extends Message>(
  send: Sender<Kind>,
  message: Kind,
  timeout: number,
  signal?: AbortSignal,
): Promise<NotSent | null> {
  try {
    await attempt((until) => send(message, until), { timeout, ...(signal && { signal }) });
    return null;
  } catch (error) {
    if (!(error instanceof DeliveryError)) return { kind: 'provider', retryAfter: null };
    return { kind: error.kind, retryAfter: error.retryAfter ?? null };
  }
}

/** Whether it certainly was not sent; after a time-out it may have been. */
export const hasNotLeft = ({ kind }: NotSent): boolean =>
  kind === 'rate-limited' || kind === 'auth' || kind === 'rejected';
