import { X509Certificate } from 'node:crypto';
import { SecondFactorError } from '../errors';
import { cureOf, namesOf, namesWithin, type OptionName } from './table';

export const bad = (message: string, help: string): SecondFactorError =>
  new SecondFactorError('bad_option', message, help);

/** Usually it comes from an environment variable that is not set. */
export const unset = (option: string, what: 'undefined' | 'empty' = 'undefined'): SecondFactorError =>
  bad(`${option} is ${what}.`, `${isItSet} ${cureOf(option)}`);

export const isItSet =
  'Check that the environment variable it comes from is set where the app runs, and read before this.';

/** Up to this many names are listed, in case none resembles what was typed. */
const FEW = 8;

export function refuseUnknown(prefix: string, given: unknown, allowed: readonly string[]): void {
  const names = isObject(given) ? Object.keys(given) : [];
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  const all = allowed.length > FEW ? '' : ` The options are: ${allowed.join(', ')}.`;
  throw bad(
    `There is no option ${prefix}${unknown}.`,
    `Did you mean ${prefix}${nearest(unknown, allowed)}?${all}`,
  );
}

/** A function that makes a handler was mounted without being called, so Express called it. */
export function refuseUncalled(call: string, given: unknown, example: string): void {
  if (!isObject(given) || !('headers' in given)) return;
  throw bad(`${call}() was given a request.`, `Call it where it is mounted: ${example}.`);
}

/** The options of a function of ours. */
export function requireOptions(call: OptionName, given: unknown): void {
  if (given === undefined) throw bad(`${call}() got no options.`, cureOf(call));
  if (!isObject(given)) throw bad(`${call}() got options that are not an object.`, cureOf(call));
  requireParts(call, given);
}

/** Left out, or an object with only known options. */
export function requireGroup(option: OptionName, given: unknown): void {
  const group = requireObject(option, given);
  if (group) requireParts(option, group);
}

/** What can be checked without knowing what the options are for. */
export function requireParts(option: OptionName | '', given: object): void {
  const prefix = option === '' ? '' : `${option}.`;
  refuseUnknown(prefix, given, namesWithin(option));
  allowFunctions(prefix, given, namesOf(option, 'function'));
  for (const name of namesOf(option, 'object')) requireObject(prefix + name, partOf(given, name));
}

/** Left out, or an object. */
export function requireObject(option: string, value: unknown): object | undefined {
  if (value === undefined || isObject(value)) return value;
  throw bad(`${option} is not an object.`, `${cureOf(option)} Or leave it out.`);
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Left out, or functions. */
export function allowFunctions(prefix: string, given: object, names: readonly string[]): void {
  const wrong = names.find((name) => partOf(given, name) !== undefined && !isFunction(given, name));
  if (wrong === undefined) return;
  throw bad(`${prefix}${wrong} is not a function.`, `${cureOf(prefix + wrong)} Or leave it out.`);
}

export function requireFunctions(option: string, value: unknown, names: readonly string[]): void {
  if (value === undefined) throw bad(`${option} is undefined.`, cureOf(option));
  if (!isObject(value)) throw bad(`${option} is not an object.`, cureOf(option));
  const wrong = names.find((name) => !isFunction(value, name));
  if (wrong === undefined) return;
  throw bad(`${option}.${wrong} is ${lack(value, wrong)}.`, cureOf(`${option}.${wrong}`));
}

function lack(value: object, name: string): string {
  if (partOf(value, name) !== undefined) return 'not a function';
  return name in value ? 'undefined' : 'missing';
}

const partOf = (value: object, name: string): unknown => Reflect.get(value, name);
const isFunction = (value: object, name: string): boolean => typeof partOf(value, name) === 'function';

export function whole(option: string, value: unknown, least: number, most: number): number {
  const help = `Give ${option} as a whole number from ${least} to ${most}.`;
  const given = number(option, value, help);
  if (Number.isInteger(given) && given >= least && given <= most) return given;
  throw bad(`${option} is out of range: ${given}.`, help);
}

export function within(option: string, ms: unknown, least: number, most: number): number {
  const help = `Give ${option} between ${span(least)} and ${span(most)}.`;
  const given = number(option, ms, help);
  if (given >= least && given <= most) return given;
  throw bad(`${option} is out of range: ${span(given)}.`, help);
}

/** Environment variables are strings, and one that is not set becomes NaN. */
export function number(option: string, value: unknown, help: string): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  if (value === undefined) throw bad(`${option} is undefined.`, `${help} ${isItSet}`);
  if (typeof value === 'number') throw bad(`${option} is NaN.`, `${help} ${isItSet}`);
  throw bad(
    `${option} is not a number.`,
    typeof value === 'string'
      ? `${help} Environment variables are strings: convert it with Number(…).`
      : help,
  );
}

/** Of time spans in text, in ms; the longest first. */
export const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** As in options: `'30d'`, or ms. */
function span(ms: number): string {
  const [unit, length] = Object.entries(units).find(([, one]) => ms % one === 0) ?? [null, 1];
  return unit === null ? `${ms} (ms)` : `'${ms / length}${unit}'`;
}

export function flag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const help = `Give true or false, or leave ${option} out.`;
  throw bad(
    `${option} is neither true nor false.`,
    typeof value === 'string' ? `${help} Environment variables are strings: compare it with 'true'.` : help,
  );
}

export function oneOf(option: string, value: unknown, allowed: readonly string[]): string {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  const names = allowed.map((one) => `'${one}'`);
  throw bad(`${option} is not one of ${names.join(', ')}.`, `${cureOf(option)} Or leave it out.`);
}

const withArticle = (kind: string): string => `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`;

/** A list of strings, each of this `kind`. */
export function listOf(
  option: string,
  value: unknown,
  kind = 'string',
  isRight: (text: string) => boolean = (text) => text !== '',
): readonly string[] {
  if (!Array.isArray(value)) throw bad(`${option} is not a list.`, cureOf(option));
  const all: readonly unknown[] = value;
  const isItem = (item: unknown): item is string => typeof item === 'string' && isRight(item);
  if (all.every(isItem)) return all;
  const position = all.findIndex((item) => !isItem(item));
  const name = `${option}[${position}]`;
  throw all[position] === undefined
    ? unset(name)
    : bad(`${name} is not ${withArticle(kind)}.`, cureOf(option));
}

export function isCertificate(pem: string | Uint8Array): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** A string that is not empty. */
export function textOf(option: string, value: unknown): string {
  if (value === undefined) throw unset(option);
  if (value === '') throw unset(option, 'empty');
  if (typeof value === 'string') return value;
  throw bad(`${option} is not a string.`, cureOf(option));
}

/** A path of this site, or one to mount at. */
export function path(option: string, value: unknown): string {
  if (typeof value === 'string' && /^\/[^\s?#\\]*$/.test(value) && !value.startsWith('//')) {
    return option === 'path' ? value.replace(/\/+$/, '') || '/2fa' : value;
  }
  throw bad(`${option} is not a path.`, `${cureOf(option)} It starts with one slash and has no query.`);
}

/** The name that takes the fewest edits to reach: what was probably meant. */
export const nearest = (typed: string, names: readonly string[]): string =>
  names.reduce((best, name) => (distance(typed, name) < distance(typed, best) ? name : best));

/** Levenshtein distance, ignoring case. */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase().slice(0, 40), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, position) => position);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...b].entries()) {
      const swap = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
