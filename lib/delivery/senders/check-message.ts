import { DeliveryError } from '../delivery-error';
import type { EmailMessage, SmsMessage } from '../message';
import { isAddress, isOneLine } from './plain-text';

const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Refuses a mail whose address or subject could add a header or a recipient. Neither providers nor their clients
 * can be relied on for it: SendGrid's passes line breaks through, and takes `Ann <ann@x.org>` as an address.
 */
export function requireMail({ to, subject }: EmailMessage): void {
  if (!isAddress(to) || !isOneLine(subject)) throw new DeliveryError('rejected');
}

export function requireSms({ to }: SmsMessage): void {
  if (!E164.test(to)) throw new DeliveryError('rejected');
}
