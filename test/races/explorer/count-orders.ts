import type { Point } from './point';

/**
 * How many orders there are in all. Where only one operation was looked at, its step was taken at once; in
 * other orders it comes any time before that operation's next step. So such steps are owed here, and paid in
 * every way they could have been, before the next step of the same operation.
 */
export function countOrders(root: Point): bigint {
  const known = new Map<Point, Map<string, bigint>>();

  const count = (point: Point, owed: readonly number[]): bigint => {
    const byOwed = known.get(point) ?? new Map<string, bigint>();
    known.set(point, byOwed);
    const key = owed.join();
    const before = byOwed.get(key);
    if (before !== undefined) return before;
    const counted = point.isAlone ? countAlone(point, owed) : countAny(point, owed);
    byOwed.set(key, counted);
    return counted;
  };

  const countAlone = (point: Point, owed: readonly number[]): bigint =>
    sum(point.next.map((next) => count(next.point, changed(owed, next.choice.operation, 1))));

  const countAny = (point: Point, owed: readonly number[]): bigint => {
    const paid = owed.flatMap((steps, operation) =>
      steps > 0 ? [count(point, changed(owed, operation, -1))] : [],
    );
    if (point.next.length === 0 && paid.length === 0) return 1n;
    const taken = point.next
      .filter(({ choice }) => (owed[choice.operation] ?? 0) === 0)
      .map((next) => count(next.point, owed));
    return sum([...paid, ...taken]);
  };

  return count(root, []);
}

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((total, one) => total + one, 0n);

function changed(owed: readonly number[], operation: number, by: 1 | -1): number[] {
  const next = Array.from({ length: Math.max(owed.length, operation + 1) }, (_, at) => owed[at] ?? 0);
  next[operation] = (next[operation] ?? 0) + by;
  return next;
}
