import { X509Certificate } from 'node:crypto';
import { bad, unset } from './option-checks';
import { cureOf } from './option-cures';

export function appName(value: unknown): string {
  if (value === undefined) throw unset('appName');
  const isName = typeof value === 'string' && value.trim() !== '' && [...value].length <= 64;
  if (isName && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return value.trim();
  throw bad(
    'appName is no name.',
    "Give the name of your site, such as appName: 'WebAdmin': at most 64 letters, without line breaks.",
  );
}

export function origin(value: unknown): URL {
  if (value === undefined) throw unset('origin');
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isLocal = url !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const isPlain = url !== null && !url.search && !url.hash && !url.username && !url.password;
  if (url && isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) return url;
  throw bad(
    'origin is no address of a site.',
    "Give what people see in the address bar, as text: origin: 'https://admin.example.com', with its path if the app lives below one. Plain http works for localhost only.",
  );
}

export function path(option: string, value: string): string {
  if (typeof value === 'string' && /^\/[^\s?#\\]*$/.test(value) && !value.startsWith('//')) {
    return option === 'path' ? value.replace(/\/+$/, '') || '/2fa' : value;
  }
  throw bad(`${option} is no path.`, `${cureOf(option)} It begins with one slash and has no query.`);
}

export function csrf<Check extends { readonly field: unknown; readonly token: unknown }>(
  value: Check,
): Check {
  const isField = typeof value.field === 'string' && value.field !== '';
  if (isField && typeof value.token === 'function') return value;
  throw bad('csrf lacks its field or its token.', cureOf('csrf'));
}

export function strategyNames(value: unknown): ReadonlySet<string> {
  const names: readonly unknown[] | null = Array.isArray(value) ? value : null;
  const isName = (name: unknown): name is string => typeof name === 'string' && name !== '';
  if (names?.every(isName)) return new Set(names);
  throw bad('tokenStrategies is no list of names.', cureOf('tokenStrategies'));
}

/** A list of texts, each of which `isRight`. */
export function listOf(
  option: string,
  value: unknown,
  isRight: (text: string) => boolean = (text) => text !== '',
): readonly string[] {
  const all: readonly unknown[] | null = Array.isArray(value) ? value : null;
  const isItem = (item: unknown): item is string => typeof item === 'string' && isRight(item);
  if (all?.every(isItem)) return all;
  throw bad(`${option} is no list, or has an item that is none.`, cureOf(option));
}

/** An AAGUID. */
export const isModel = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);

export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
