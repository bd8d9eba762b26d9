import { bad, number } from './checks';

/** A time span: ms, or a number with `s`, `m`, `h` or `d`: `'5m'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`;

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A time span in ms.
 * @throws SecondFactorError `bad_option` for what is not a finite span over 0: a NaN would switch a check off
 */
export function duration(option: string, value: Duration): number {
  const help = `Give ${option} as text such as '90s', '5m', '1h', '30d', or a number of ms greater than 0.`;
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(value) : null;
  const unit = match?.[2] as keyof typeof units | undefined;
  const ms = match && unit ? Number(match[1]) * units[unit] : value;
  if (typeof ms === 'number' && number(option, ms, help) > 0 && Number.isFinite(ms)) return ms;
  throw bad(`${option} is not a time span.`, help);
}
