import { bad, flag, listOf, number, oneOf, path, textOf, units, whole, within } from './checks';
import { table, type OptionName, type Row, type Rule } from './table';

/** The options that their rule checks completely. */
type Ruled = {
  [Name in OptionName]: (typeof table)[Name]['rule'] extends Bare | 'function' ? never : Name;
}[OptionName];
type Bare = null | 'object' | 'group' | 'call';

/** The type of an option once its rule has checked it. */
type Value<Of extends Rule> = Of extends 'flag'
  ? boolean
  : Of extends 'path' | 'text'
    ? string
    : Of extends { readonly oneOf: readonly (infer One)[] }
      ? One
      : Of extends { readonly listOf: string }
        ? readonly string[]
        : number;

type LeftOut<Of extends Row> = Of extends { readonly fallback: unknown } ? never : undefined;
type Taken<Name extends Ruled> = Value<(typeof table)[Name]['rule']> | LeftOut<(typeof table)[Name]>;

/**
 * An option, checked by the rule of its row, or its default. Time spans are converted to ms.
 * @throws SecondFactorError `bad_option`
 */
export function take<Name extends Ruled>(option: Name, given: unknown): Taken<Name> {
  const { rule, fallback }: Row = table[option];
  const value = given === undefined ? fallback : given;
  return (value === undefined ? undefined : held(option, value, rule)) as Taken<Name>;
}

function held(option: string, value: unknown, rule: Rule): unknown {
  if (rule === 'flag') return flag(option, value);
  if (rule === 'path') return path(option, value);
  if (rule === 'text') return textOf(option, value);
  if (rule === null || typeof rule === 'string') return value;
  if ('whole' in rule) return whole(option, value, ...rule.whole);
  if ('span' in rule) return within(option, duration(option, value as Duration), ...rule.span);
  if ('oneOf' in rule) return oneOf(option, value, rule.oneOf);
  return listOf(option, value, rule.listOf);
}

/** A time span: ms, or a number with `s`, `m`, `h` or `d`, such as `'5m'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

/**
 * A time span in ms.
 * @throws SecondFactorError `bad_option` for anything but a finite span above 0: a NaN would switch a check off
 */
export function duration(option: string, value: Duration): number {
  const help = `Give ${option} as text such as '90s', '5m', '1h', '30d', or a number of ms greater than 0.`;
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(value) : null;
  const unit = match?.[2] as keyof typeof units | undefined;
  const ms = match && unit ? Number(match[1]) * units[unit] : value;
  if (typeof ms === 'number' && number(option, ms, help) > 0 && Number.isFinite(ms)) return ms;
  throw bad(`${option} is not a time span.`, help);
}
