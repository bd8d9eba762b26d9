import { SecondFactorError } from './errors';
import { nearest } from './nearest';

export const bad = (message: string, help: string): SecondFactorError =>
  new SecondFactorError('bad_option', message, help);

export function refuseUnknown(prefix: string, names: readonly string[], allowed: readonly string[]): void {
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw bad(`There is no option ${prefix}${unknown}.`, `Did you mean ${prefix}${nearest(unknown, allowed)}?`);
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
