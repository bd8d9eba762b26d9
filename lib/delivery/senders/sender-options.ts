import { duration } from '../../duration';
import { bad, requireObject, refuseUnknown, unset, within } from '../../option-checks';
import type { Duration } from '../../options';
import { isAddress, isOneLine } from './plain-text';

/** Who a mail comes from. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export function requireOptions(sender: string, given: unknown, names: readonly string[]): void {
  const help = `Give ${sender}({ ${names.join(', ')} }).`;
  if (given === undefined) throw bad(`${sender}() got no options.`, help);
  refuseUnknown('', requireObject(`${sender}'s options`, given, help), names);
}

/** Keys and passwords. A line break at the end of one is what a file of secrets leaves there. */
export function secret(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    if (value === undefined) throw unset(option);
    throw bad(`${option} is missing.`, `Give ${option} as text: is its environment variable empty?`);
  }
  if (isOneLine(value) && value === value.trim()) return value;
  throw bad(
    `${option} has a space at its end, or a line break in it.`,
    'Read it with .trim(), and check what was copied.',
  );
}

/** 10 s unless told otherwise. */
export const timeoutOf = (value: Duration | undefined): number =>
  within('timeout', duration('timeout', value ?? 10_000), 10, 60_000);

/** `WebAdmin <no-reply@example.com>`, or the address alone. */
export function mailbox(option: string, value: unknown): Mailbox {
  const text = typeof value === 'string' && isOneLine(value) ? value.trim() : '';
  const [, name = '', inner] = /^"?([^"<>]*?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
  const address = inner ?? text;
  if (isAddress(address)) return { name, address };
  throw bad(
    `${option} is no address to send from.`,
    "Give 'WebAdmin <no-reply@example.com>', or the address alone, with its domain in ASCII.",
  );
}

export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

/** Where a provider's API is, without a slash at its end. In the clear the key would be anybody's. */
export function apiAddress(value: unknown, usual: string): string {
  if (value === undefined) return usual;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSafe && !url.search && !url.hash && !url.username) return url.href.replace(/\/+$/, '');
  throw bad(
    'baseUrl is no address of an API.',
    `Leave it out for ${usual}. Plain http works for localhost only.`,
  );
}
