import { requireOptions } from './checks';
import { type Duration, take } from './take';

export interface TickOptions {
  /** How many users' work is done at most. Default 100. */
  readonly limit?: number;
  /** When to begin nothing new. What has begun by then takes no longer than a sender may. Default 30 s. */
  readonly deadline?: Duration;
  /** Also wait for what this process is sending already, as a script should before it ends. Default false. */
  readonly finish?: boolean;
}

interface TickBounds {
  readonly limit: number;
  /** ms */
  readonly deadline: number;
  readonly finish: boolean;
}

/** The bounds of one run. */
export function resolveTick(given: TickOptions = {}): TickBounds {
  requireOptions('tick', given);
  return {
    limit: take('tick.limit', given.limit),
    deadline: take('tick.deadline', given.deadline),
    finish: take('tick.finish', given.finish),
  };
}
