import type { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Budget, Taken } from './contracts';
import { errorField } from './error-field';

/**
 * Adds to a counter, with nothing between reading and writing: not where that makes more than `points`, and not below
 * 0, where the counter ends. Its life starts when it is made.
 * @returns the sum, also where it was not added, and how many ms the counter has left
 */
export type AddToCounter = (
  key: string,
  by: number,
  points: number,
  life: number,
) => Promise<readonly [sum: number, left: number]>;

/** Budgets over the counters of a store. All are asked in one tick, which a store can answer in one round trip. */
export class Budgets {
  private readonly counters: CounterClient;

  constructor(add: AddToCounter) {
    this.counters = {
      eval: (_script, { keys: [key], arguments: [by, seconds, points] }) =>
        add(key, Number(by), Number(points), Number(seconds) * 1_000),
    };
  }

  async take(budgets: readonly Budget[]): Promise<Taken> {
    const limiters = this.limiters(Limiter ?? (await loadLimiter()), budgets);
    const asked = await Promise.allSettled(limiters.map(({ limiter, id }) => limiter.consume(id)));
    const taken = budgets.filter((_, index) => asked[index]?.status === 'fulfilled');
    if (taken.length === budgets.length) return { ok: true };

    const back = this.giveBack(taken);
    const broken = asked.find((each) => each.status === 'rejected' && waitOf(each.reason) === null);
    if (broken !== undefined) {
      await back.catch(() => undefined);
      throw new Error('a budget could not be counted');
    }
    await back;
    return longest(
      budgets.map(({ name }, index) => {
        const each = asked[index];
        return { name, waitMs: each?.status === 'rejected' ? (waitOf(each.reason) ?? 0) : 0 };
      }),
    );
  }

  async giveBack(budgets: readonly Budget[]): Promise<void> {
    const limiters = this.limiters(Limiter ?? (await loadLimiter()), budgets);
    await Promise.all(limiters.map(({ limiter, id }) => limiter.reward(id)));
  }

  /**
   * The limiters get counters in place of the app's Redis client. On that they would define a command with a name of
   * their own, over the one of another copy that the app may use; and their own counters count what was refused and
   * go below 0 when given back too much, which would be sends beyond the budget.
   */
  private limiters(
    Loaded: typeof RateLimiterRedis,
    budgets: readonly Budget[],
  ): readonly { readonly limiter: RateLimiterRedis; readonly id: string }[] {
    return budgets.map(({ name, id, points, ms }) => ({
      id,
      limiter: new Loaded({
        storeClient: this.counters,
        useRedisPackage: true,
        keyPrefix: name,
        points,
        duration: Math.max(1, Math.ceil(ms / 1_000)),
      }),
    }));
  }
}

/** Loaded on first use. From then on nothing is waited for, so that what is asked leaves in one batch with the rest. */
let Limiter: typeof RateLimiterRedis | null = null;

async function loadLimiter(): Promise<typeof RateLimiterRedis> {
  ({ RateLimiterRedis: Limiter } = await import('rate-limiter-flexible'));
  return Limiter;
}

/** The one call that a limiter makes to the Redis client it is made for (node-redis 4 and later). */
interface CounterClient {
  eval(
    script: string,
    call: { readonly keys: readonly [string]; readonly arguments: readonly [string, string, string, string] },
  ): Promise<readonly [sum: number, left: number]>;
}

/** A limiter rejects with its result where it refuses, and with an error where it could not count. */
function waitOf(reason: unknown): number | null {
  const wait = errorField(reason, 'msBeforeNext');
  return typeof wait === 'number' ? Math.max(1, wait) : null;
}

function longest(waits: readonly { readonly name: string; readonly waitMs: number }[]): Taken {
  const longestFirst = waits.toSorted((one, other) => other.waitMs - one.waitMs);
  return { ok: false, name: longestFirst[0]?.name ?? '', waitMs: longestFirst[0]?.waitMs ?? 0 };
}
