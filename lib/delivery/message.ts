/** A text message, ready to go. */
export interface SmsMessage {
  readonly channel: 'sms';
  /** E.164, such as `+420603123456`. */
  readonly to: string;
  readonly text: string;
}

/** A mail, ready to go. */
export interface EmailMessage {
  readonly channel: 'email';
  /** ASCII, as SMTP takes it: the domain in its `xn--` form. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type Message = SmsMessage | EmailMessage;
export type { Channel } from '../account/account';

/**
 * Hands one message to whoever delivers it. Resolves once it was accepted there; rejects with a
 * `DeliveryError`. Whatever else it throws is taken for one of kind `provider`, and told to nobody.
 *
 * @example
 * const send: Sender<SmsMessage> = async ({ to, text }, signal) => {
 *   const { ok } = await fetch(gateway, { method: 'POST', body: JSON.stringify({ to, text }), signal });
 *   if (!ok) throw new DeliveryError('provider');
 * };
 */
export type Sender<Kind extends Message> = (message: Kind, signal: AbortSignal) => Promise<void>;
