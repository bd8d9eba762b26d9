import { fallback, type EmailMessage, type Sender, type SmsMessage } from 'express-second-factor';
import { toOutbox } from './outbox';
import type { SenderSettings } from './sender-settings';
import type { Settings } from './settings';
import type { Stores } from './stores';

/** Who delivers codes; a channel without a sender is off. */
export interface Senders {
  readonly sms?: Sender<SmsMessage>;
  readonly email?: Sender<EmailMessage>;
}

/** In production, the providers named by the environment; in the demo, always the outbox. */
export async function openSenders(
  { production, senders }: Pick<Settings, 'production' | 'senders'>,
  stores: Pick<Stores, 'outbox' | 'clock'>,
): Promise<Senders> {
  return production ? providers(senders) : demoSenders({ production }, stores);
}

/** The outbox, which does not exist in production. */
export function demoSenders(
  { production }: Pick<Settings, 'production'>,
  { outbox, clock }: Pick<Stores, 'outbox' | 'clock'>,
): Senders {
  const send = toOutbox(outbox, clock.now);
  return production ? {} : { sms: send, email: send };
}

/** Each is loaded only if it is used. */
async function providers({ vonage, sendgrid, smtp }: SenderSettings): Promise<Senders> {
  const sms = vonage && (await import('express-second-factor/vonage')).vonageSender(vonage);
  const first = sendgrid && (await import('express-second-factor/sendgrid')).sendgridSender(sendgrid);
  const second = smtp && (await import('express-second-factor/smtp')).smtpSender(smtp);
  const email = first && second ? fallback(first, second) : (first ?? second);
  return { ...(sms && { sms }), ...(email && { email }) };
}
