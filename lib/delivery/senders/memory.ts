import { requireOptions } from '../../options/checks';
import { take } from '../../options/take';
import { DeliveryError, type Message, type Sender } from '../message';

export interface MemorySenderOptions {
  /** How many to keep; the oldest is dropped. Default 100. */
  readonly keep?: number;
  /** The clock, ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** A message, and when it was sent (ms). */
export type SentMessage = Message & { readonly at: number };

/** A sender for both channels whose messages can be read. */
export interface MemorySender extends Sender<Message> {
  /** Newest first; a snapshot, which later messages are not added to. */
  readonly sent: readonly SentMessage[];
}

/**
 * Keeps messages instead of sending them: for tests, and for the outbox of a demo.
 *
 * @example
 * const sender = memorySender();
 * // … ask for a code …
 * sender.sent[0]?.text
 */
export function memorySender(options: MemorySenderOptions = {}): MemorySender {
  requireOptions('memorySender', options);
  const { now = Date.now } = options;
  const keep = take('memorySender.keep', options.keep);
  let sent: readonly SentMessage[] = [];
  const send: Sender<Message> = async (message, signal) => {
    if (signal.aborted) throw new DeliveryError('timeout');
    sent = [Object.freeze({ ...message, at: now() }), ...sent.slice(0, keep - 1)];
  };
  return Object.defineProperty(send, 'sent', { get: () => sent }) as MemorySender;
}
