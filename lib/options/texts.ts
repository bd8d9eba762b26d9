import { bad, unset } from './checks';
import { cureOf } from './table';
import type { SecondFactorOptions } from './options';
import { asHook } from '../session/hook';

export function appName(value: unknown): string {
  if (value === undefined) throw unset('appName');
  if (value === '') throw unset('appName', 'empty');
  const isName = typeof value === 'string' && value.trim() !== '' && [...value].length <= 64;
  if (isName && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return value.trim();
  throw bad('appName is not usable as a name.', cureOf('appName'));
}

export function origin(value: unknown): URL {
  if (value === undefined) throw unset('origin');
  if (value === '') throw unset('origin', 'empty');
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isLocal = url !== null && isLoopback(url);
  const isPlain = url !== null && !url.search && !url.hash && !url.username && !url.password;
  if (url && isPlain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) return url;
  if (url?.protocol === 'http:' && !isLocal)
    throw bad('origin begins with http, not https.', cureOf('origin'));
  throw bad('origin is not the address of a site.', cureOf('origin'));
}

/** A folder; whoever reads it finds out whether it can be read. */
export function folder(option: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw bad(`${option} is not the path of a folder.`, cureOf(option));
}

type Csrf = NonNullable<SecondFactorOptions<unknown>['csrf']>;

export function csrf(value: Csrf): Csrf {
  for (const part of ['field', 'token'] as const)
    if (value[part] === undefined) throw bad(`csrf.${part} is undefined.`, cureOf(`csrf.${part}`));
  if (typeof value.field !== 'string' || value.field === '')
    throw bad('csrf.field is not a name.', cureOf('csrf.field'));
  if (typeof value.token !== 'function') throw bad('csrf.token is not a function.', cureOf('csrf.token'));
  return { field: value.field, token: asHook('csrf.token', value.token.bind(value)) };
}

export const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
