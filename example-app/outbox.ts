import type { Message, Sender } from 'express-second-factor';

/** An e-mail or an SMS of the demo: kept to be read at /outbox instead of being delivered. */
export interface OutboxMessage {
  readonly at: Date;
  readonly channel: 'sms' | 'email';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
}

export interface Outbox {
  add(message: OutboxMessage): Promise<void>;
  /** Newest first, and no more than fit on a page. */
  list(): Promise<readonly OutboxMessage[]>;
}

export const OUTBOX_LIMIT = 200;

export function memoryOutbox(): Outbox {
  const messages: OutboxMessage[] = [];
  return {
    add: (message) => {
      messages.unshift(message);
      messages.length = Math.min(messages.length, OUTBOX_LIMIT);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...messages]),
  };
}

/** Puts messages where people can read them. The HTML of an e-mail says the same as its text. */
export const toOutbox =
  (outbox: Outbox, now: () => number): Sender<Message> =>
  ({ channel, to, text, ...more }) =>
    outbox.add({
      at: new Date(now()),
      channel,
      to,
      ...('subject' in more && { subject: more.subject }),
      text,
    });
