import { SecondFactorError } from './errors';
import { nearest } from './nearest';

export const bad = (message: string, help: string): SecondFactorError =>
  new SecondFactorError('bad_option', message, help);

export function refuseUnknown(prefix: string, given: unknown, allowed: readonly string[]): void {
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw bad(`There is no option ${prefix}${unknown}.`, `Did you mean ${prefix}${nearest(unknown, allowed)}?`);
}

/** Left out, or an object. */
export function requireObject(option: string, value: unknown): unknown {
  if (value === undefined || (typeof value === 'object' && value !== null)) return value;
  throw bad(`${option} is no object.`, `Leave it out, or see the type of ${option}.`);
}

/** Left out, or functions. */
export function allowFunctions(prefix: string, given: object, names: readonly string[]): void {
  const parts: Readonly<Record<string, unknown>> = { ...given };
  const wrong = names.find((name) => parts[name] !== undefined && typeof parts[name] !== 'function');
  if (wrong === undefined) return;
  throw bad(`${prefix}${wrong} is no function.`, 'Give a function, or leave it out.');
}

export function requireFunctions(option: string, value: unknown, names: readonly string[]): void {
  const parts = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const missing = names.find((name) => typeof parts[name] !== 'function');
  if (missing === undefined) return;
  throw bad(`${option}.${missing} is missing.`, `The README's first example shows what ${option} takes.`);
}

export function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(`${option} is out of range.`, `Give a whole number from ${least} to ${most}.`);
}

export function within(option: string, ms: number, least: number, most: number): number {
  if (ms >= least && ms <= most) return ms;
  throw bad(`${option} is out of range.`, `Give between ${least / 1000} and ${most / 1000} seconds.`);
}
