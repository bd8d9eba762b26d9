import { DeliveryError, type EmailMessage, type SmsMessage } from '../message';

const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Refuses an e-mail whose address or subject could add a header or a recipient. Neither providers nor their clients can
 * be relied on to do so: SendGrid's passes line breaks through, and accepts `Ann <ann@x.org>` as an address.
 */
export function requireMail({ id = '', to, subject }: EmailMessage): void {
  if (!isAddress(to) || !isOneLine(subject) || !/^\w*$/.test(id)) throw new DeliveryError('rejected');
}

/** RFC 5322 §3.6.4: mailboxes and mail programs take two mails with the same one for one mail. */
export const messageId = (id: string, from: { readonly address: string }): string =>
  `<${id}${from.address.slice(from.address.lastIndexOf('@'))}>`;

export function requireSms({ to }: SmsMessage): void {
  if (!E164.test(to)) throw new DeliveryError('rejected');
}

const BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** One ASCII address: no list, no name before it, no angle brackets, no quotes. */
const ADDRESS = /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,253}$/;

/** A text that can't add a header, wherever it is put. */
export const isOneLine = (text: string): boolean => !BREAK.test(text);

/** A single address that a mail program can't read as anything else. */
export const isAddress = (text: string): boolean => ADDRESS.test(text);
