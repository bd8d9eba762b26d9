import { bad, textOf, unset } from '../../options/checks';
import { cureOf, table } from '../../options/table';
import { isAddress, isOneLine } from './check-message';

/** Who an e-mail is from. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Keys and passwords. One read from a file often ends with a line break. */
export function secret(option: string, value: unknown): string {
  const given = textOf(option, value);
  if (isOneLine(given) && given === given.trim()) return given;
  throw bad(
    `${option} has a space at its end, or a line break in it.`,
    `Read ${option} with .trim(), and check what was copied.`,
  );
}

/** `WebAdmin <no-reply@example.com>`, or the address alone. */
export function mailbox(option: string, value: unknown): Mailbox {
  if (value === undefined) throw unset(option);
  const text = typeof value === 'string' && isOneLine(value) ? value.trim() : '';
  const [, name = '', inner] = /^"?([^"<>]*?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
  const address = inner ?? text;
  if (isAddress(address)) return { name, address };
  throw bad(`${option} is not an address to send from.`, cureOf(option));
}

export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

/** The URL of a provider's API, without a trailing slash. Over plain HTTP anyone could read the key. */
export function apiAddress(
  option: 'sendgridSender.baseUrl' | 'vonageSender.baseUrl',
  value: unknown,
): string {
  const usual = table[option].fallback;
  if (value === undefined) return usual;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSafe && !url.search && !url.hash && !url.username) return url.href.replace(/\/+$/, '');
  throw bad(`${option} is not the address of an API.`, `${cureOf(option)} Leave it out for ${usual}.`);
}

/**
 * A provider's package is an optional peer in any version, so that it never gets in the way of `npm install`. It is
 * checked when a sender is made.
 *
 * @param needed what to install, where that is more than this one
 */
export function provider<Loaded>(name: string, load: () => Loaded, needed = name): Loaded {
  try {
    return load();
  } catch (error) {
    if (String(error).includes(`'${name}'`)) throw missing(name, needed);
    throw error;
  }
}

const missing = (name: string, needed: string) =>
  bad(`${name} is not installed, or not in what was bundled.`, `Run npm i ${needed} in your app.`);

/** @param version as the package reports it; a package that does not is accepted */
export function requireMajor(name: string, version: unknown, least: number): void {
  const major = Number(/\d+/.exec(String(version))?.[0] ?? least);
  if (major >= least) return;
  throw bad(`${name} ${major} is too old: ${least} is needed, or newer.`, `Run npm i ${name}@latest.`);
}
