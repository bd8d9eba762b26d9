import { requireOptions } from './checks';
import { type Duration, take } from './take';

export interface TickOptions {
  /** How many users' work is done at most. Default 100. */
  readonly limit?: number;
  /** When to begin nothing new. What has begun by then takes no longer than a sender may. Default 30 s. */
  readonly deadline?: Duration;
}

/** The bounds of one run; `deadline` in ms. */
export function resolveTick(given: TickOptions = {}): { readonly limit: number; readonly deadline: number } {
  requireOptions('tick', given);
  return { limit: take('tick.limit', given.limit), deadline: take('tick.deadline', given.deadline) };
}
