import type { AddToCounter } from './budgets';
import type { ExpiringMap } from './expiring-map';

/** Counters of budgets in a map: they go by its clock and need no timer. */
export const addInMemory =
  (counters: ExpiringMap<string, number>): AddToCounter =>
  async (key, by, points, life) => {
    const there = counters.get(key) ?? 0;
    const left = there > 0 ? counters.left(key) : life;
    const sum = there + by;
    if (by > 0 && sum > points) return [sum, left];
    if (sum <= 0) counters.delete(key);
    else if (there > 0) counters.change(key, sum);
    else counters.set(key, sum, life);
    return [Math.max(0, sum), left];
  };
