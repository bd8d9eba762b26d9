/** How far the clocks of two processes may differ, ms. */
const SKEW = 60_000;

/**
 * Whether something from the moment `at` is at most `age` old (ms). A time in the future comes from a clock that was
 * wrong and has been set back. It would stay young for that long, so it counts as old.
 */
export const isYoung = (at: number, age: number, now: number): boolean => at >= now - age && at <= now + SKEW;

/** Whether `at` is not before another moment, which may have been taken from another clock. */
export const isNotBefore = (at: number, moment: number): boolean => at >= moment - SKEW;

/** To the minute: no more is kept of when a login was last used. */
export const minuteOf = (ms: number): number => Math.max(0, Math.floor(ms / 60_000) * 60_000);

/** Whether what began at `since` is still valid. It ends exactly at the moment people were told. */
export const isLasting = (since: number, life: number, now: number): boolean =>
  isYoung(since, life, now) && now < since + life;
