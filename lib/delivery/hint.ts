import { domainToUnicode } from 'node:url';
import type { Channel } from './message';

const DOTS = '•••';

/** What is shown of an address: `•••••••89` whatever the length of the number, and `a•••@e•••.com`. */
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
