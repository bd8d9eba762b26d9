import { DeliveryError, type EmailMessage, type SmsMessage } from '../message';

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

const BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** In ASCII: no list of them, no name before it, no angle bracket, no quotes. */
const ADDRESS = /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,253}$/;

/** A text that adds no header, wherever it is put. */
export const isOneLine = (text: string): boolean => !BREAK.test(text);

/** One address, and nothing else that a mail program could read out of it. */
export const isAddress = (text: string): boolean => ADDRESS.test(text);
