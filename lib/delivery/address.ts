import { domainToUnicode } from 'node:url';
import type { Channel, CodeType } from '../account/account';
import type { Refusal } from '../errors';
import { readEmail } from './email';
import { type PhoneRules, readPhone } from './phone';

/** Where the codes of a factor are sent. */
export interface Address {
  readonly channel: Channel;
  /** What is stored and sent to. */
  readonly address: string;
  /** What to compare: the same for all spellings of an address. */
  readonly key: string;
  /** The same for all addresses that lead to one mailbox. */
  readonly countedAs: string;
  /** What its owner may see of it once it is proven. */
  readonly hint: string;
  /** For a phone: the block of numbers and the country whose budgets it takes from. */
  readonly range: { readonly prefix: string; readonly country: string } | null;
}

export type ReadAddress = { readonly ok: true; readonly address: Address } | Refusal;

export const channelOf = (type: CodeType): Channel => (type === 'otp-sms' ? 'sms' : 'email');

/** An address as typed or as stored, in its canonical form. */
export function readAddress(type: CodeType, input: unknown, rules: PhoneRules): ReadAddress {
  const channel = channelOf(type);
  if (channel === 'sms') {
    const read = readPhone(input, rules);
    if (!read.ok) return read;
    const { e164, ...range } = read.phone;
    const one = { address: e164, key: e164, countedAs: e164 };
    return { ok: true, address: { channel, ...one, hint: hintOf(channel, e164), range } };
  }
  const read = readEmail(input);
  if (!read.ok) return read;
  const { address, key, mailbox } = read.email;
  const hint = hintOf(channel, address);
  return { ok: true, address: { channel, address, key, countedAs: mailbox, hint, range: null } };
}

const DOTS = '•••';

/** What is shown of an address: `•••••••89`, whatever the length of the number, and `a•••@e•••.com`. */
export const hintOf = (channel: Channel, address: string): string =>
  channel === 'sms' ? maskPhone(address) : maskEmail(address);

const maskPhone = (e164: string): string => `•••••••${e164.slice(-2)}`;

function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToUnicode(address.slice(at + 1));
  const top = domain.slice(domain.lastIndexOf('.'));
  return `${firstOf(address)}${DOTS}@${firstOf(domain)}${DOTS}${top}`;
}

const firstOf = (text: string): string => Array.from(text)[0] ?? '';
