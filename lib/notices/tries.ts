import { LONGEST_WAIT } from '../account/outbox';
import type { NotSent } from '../delivery/hand-over';

/**
 * For how long nobody else tries what someone is trying: longer than any sender may take. If a process dies meanwhile,
 * it is sent twice at worst.
 */
export const LEASE = 2 * 60_000;

/** How long it is tried. */
const GIVEN_UP = 3 * 86_400_000;
const MINUTE = 60_000;
/** How long after each try the next one comes; the last goes on. */
const WAITS = [...[1, 5, 15, 60, 180, 360].map((minutes) => minutes * MINUTE), LONGEST_WAIT];

/** Something that is tried until it works. Times in ms. */
export interface Tried {
  readonly at: number;
  readonly tries: number;
  readonly dueAt: number;
}

/** What this process takes of what is due, what is too old to be tried, and what is left alone. */
export function takeOf<Item extends Tried>(items: readonly Item[] = [], now: number) {
  const due = items.filter(({ dueAt }) => dueAt <= now);
  const old = due.filter(({ at }) => now - at >= GIVEN_UP);
  const taken = due
    .filter((item) => !old.includes(item))
    .map((item): Item => ({ ...item, tries: item.tries + 1, dueAt: now + LEASE }));
  return { taken, old, kept: [...items.filter((item) => !due.includes(item)), ...taken] };
}

/** When it is tried again; null: no more. `failures`: why it did not work. */
export function nextTry(
  { at, tries }: Tried,
  failures: readonly (NotSent | null)[],
  now: number,
): number | null {
  const asked = Math.max(0, ...failures.map((failed) => failed?.retryAfter ?? 0)) * 1000;
  const next = now + Math.max(asked, WAITS[Math.min(tries, WAITS.length) - 1] ?? MINUTE);
  return next - at < GIVEN_UP ? next : null;
}

/** Whether there is time to try it before somebody else may. */
export const isStillTaken = ({ dueAt }: Tried, now: number): boolean => now < dueAt - LEASE / 2;

/** What one run did. */
export interface Counts {
  readonly sent: number;
  /** Not accepted, and tried again later. */
  readonly retried: number;
  /** Given up. */
  readonly dropped: number;
}

export const nothing: Counts = { sent: 0, retried: 0, dropped: 0 };
export const sum = (one: Counts, other: Counts): Counts => ({
  sent: one.sent + other.sent,
  retried: one.retried + other.retried,
  dropped: one.dropped + other.dropped,
});
