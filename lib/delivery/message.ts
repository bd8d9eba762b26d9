interface Identified {
  /** Only of a notice, letters: the same each time it is sent. It may be sent twice, and senders can show that it was. */
  readonly id?: string;
}

/** A text message, ready to go. */
export interface SmsMessage extends Identified {
  readonly channel: 'sms';
  /** E.164, such as `+420603123456`. */
  readonly to: string;
  readonly text: string;
}

/** An e-mail, ready to go. */
export interface EmailMessage extends Identified {
  readonly channel: 'email';
  /** ASCII, as SMTP needs it: the domain in its `xn--` form. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type Message = SmsMessage | EmailMessage;

/**
 * Passes one message to whoever delivers it. Resolves once it was accepted; rejects with a `DeliveryError`. Anything
 * else it throws counts as one of kind `provider`, and its text is not passed on.
 *
 * @example
 * const send: Sender<SmsMessage> = async ({ to, text }, signal) => {
 *   const { ok } = await fetch(gateway, { method: 'POST', body: JSON.stringify({ to, text }), signal });
 *   if (!ok) throw new DeliveryError('provider');
 * };
 */
export type Sender<Kind extends Message> = (message: Kind, signal: AbortSignal) => Promise<void>;

/**
 * Why a message was not accepted. `rate-limited`: the provider wants us to wait. `auth`: our credentials are wrong.
 * `rejected`: this address or message is not accepted. `timeout` and `network`: it was not sent, or nobody knows
 * whether it was. `provider`: anything else.
 */
export type DeliveryErrorKind = 'rate-limited' | 'auth' | 'rejected' | 'timeout' | 'network' | 'provider';

/** A failed delivery. It contains nothing of what was to be sent, to whom, or with which key. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  /** @param retryAfter whole seconds the provider asked us to wait, if it did */
  constructor(
    readonly kind: DeliveryErrorKind,
    readonly retryAfter?: number,
  ) {
    super(`The message was not accepted (${kind}).`);
  }
}
