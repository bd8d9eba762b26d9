import { bad, number } from '../options/checks';
import { cureOf } from '../options/cures';

/** How long the cached epoch number lives, counted from when it was set: nothing extends it. */
export const EPOCH_LIFE = 60_000;
/** How long a `?` stands in its place, if the process that set it died before it saved. */
export const SUSPENSION_LIFE = 120_000;
/** A user's complete logins; the one after these pushes out the oldest. */
export const MOST_LOGINS = 50;
/** How long it is known where a login has gone on: longer than one request is under way beside another. */
export const NOTE_LIFE = 120_000;
/** The codes of one id that count: the newest, and the one before it. */
export const MOST_CODES = 2;
/** The absolute life of a login: a user's list of logins must not be forgotten before any of them. */
export const LOGIN_LIFE = 30 * 24 * 60 * 60_000;

/** As a store is told it: one that is none would make keys that never end, or that are gone at once. */
export function loginLifeOf(option: string, { loginLife = LOGIN_LIFE }: { loginLife?: number }): number {
  const life = number(option, loginLife, cureOf(option));
  if (life > 0 && Number.isFinite(life)) return life;
  throw bad(`${option} is out of range.`, cureOf(option));
}

/** Redis takes whole milliseconds over 0 only; what has no time left is as good as gone after one. */
export const wholeMs = (life: number): number => Math.max(1, Math.round(life));
