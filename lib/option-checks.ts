import { SecondFactorError } from './errors';
import { nearest } from './nearest';
import { cureOf } from './option-cures';

export const bad = (message: string, help: string): SecondFactorError =>
  new SecondFactorError('bad_option', message, help);

/** Most often read from an environment that has not got it. */
export const unset = (option: string): SecondFactorError =>
  bad(
    `${option} is undefined.`,
    'Is the environment variable that it comes from set where the app runs, and read before this?',
  );

export function refuseUnknown(prefix: string, given: unknown, allowed: readonly string[]): void {
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw bad(`There is no option ${prefix}${unknown}.`, `Did you mean ${prefix}${nearest(unknown, allowed)}?`);
}

/** Left out, or an object. */
export function requireObject(option: string, value: unknown, help = `${cureOf(option)} Or leave it out.`) {
  if (value === undefined || (typeof value === 'object' && value !== null)) return value;
  throw bad(`${option} is no object.`, help);
}

/** Left out, or functions. */
export function allowFunctions(prefix: string, given: object, names: readonly string[]): void {
  const parts: Readonly<Record<string, unknown>> = { ...given };
  const wrong = names.find((name) => parts[name] !== undefined && typeof parts[name] !== 'function');
  if (wrong === undefined) return;
  throw bad(`${prefix}${wrong} is no function.`, `${cureOf(prefix + wrong)} Or leave it out.`);
}

export function requireFunctions(option: string, value: unknown, names: readonly string[]): void {
  if (value === undefined || value === null) throw bad(`${option} is missing.`, cureOf(option));
  const parts = (typeof value === 'object' ? value : {}) as Record<string, unknown>;
  const missing = names.find((name) => typeof parts[name] !== 'function');
  if (missing === undefined) return;
  throw bad(`${option}.${missing} is missing.`, cureOf(`${option}.${missing}`));
}

export function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(`${option} is out of range.`, `Give ${option} as a whole number from ${least} to ${most}.`);
}

export function within(option: string, ms: number, least: number, most: number): number {
  if (ms >= least && ms <= most) return ms;
  throw bad(`${option} is out of range.`, `Give ${option} between ${span(least)} and ${span(most)}.`);
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** As options have it: `'30d'`, or ms. */
function span(ms: number): string {
  const [length, unit] = units.find(([one]) => ms % one === 0) ?? [1, null];
  return unit === null ? `${ms} (ms)` : `'${ms / length}${unit}'`;
}
