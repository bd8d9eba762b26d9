import type { Budget, BudgetStore, Taken } from '../contracts';
import { ExpiringMap } from './expiring-map';
import { integerAt, redisScript, type RedisClient } from './redis-client';

/** Counters of what was taken. Each counts up to its points, and its time starts when it is created. */
interface Counters {
  /**
   * Adds 1 or -1 atomically, unless that makes more than `points`; never below 0, where the counter is removed.
   * @returns the sum, even if it was not added, and how many ms the counter has left
   */
  add(key: string, by: 1 | -1, points: number, life: number): Promise<readonly [sum: number, left: number]>;
}

export const memoryBudgets = (now: () => number): BudgetStore => new Budgets(new MemoryCounters(now));

export const redisBudgets = (client: RedisClient, prefix: string): BudgetStore =>
  new Budgets(new RedisCounters(client, prefix));

/** Budgets over counters. All are called in one tick, which a store can answer in one round trip. */
class Budgets implements BudgetStore {
  constructor(private readonly counters: Counters) {}

  async take(budgets: readonly Budget[]): Promise<Taken> {
    const asked = await Promise.allSettled(budgets.map((budget) => this.waitFor(budget)));
    const waits = budgets.map((budget, index) => {
      const answer = asked[index];
      return { budget, waitMs: answer?.status === 'fulfilled' ? answer.value : null };
    });
    const taken = waits.filter(({ waitMs }) => waitMs === 0).map(({ budget }) => budget);
    if (taken.length === budgets.length) return { ok: true };

    const back = this.giveBack(taken);
    const broken = asked.find((answer) => answer.status === 'rejected');
    if (broken !== undefined) {
      await back.catch(() => undefined);
      throw broken.reason;
    }
    await back;
    const [longest] = waits.toSorted((one, other) => Number(other.waitMs) - Number(one.waitMs));
    return { ok: false, name: longest?.budget.name ?? '', waitMs: longest?.waitMs ?? 0 };
  }

  async giveBack(budgets: readonly Budget[]): Promise<void> {
    await Promise.all(budgets.map((budget) => this.add(budget, -1)));
  }

  /** Takes one. @returns 0, or how many ms to wait when there is none */
  private async waitFor(budget: Budget): Promise<number> {
    const [sum, left] = await this.add(budget, 1);
    return sum > budget.points ? Math.max(1, left) : 0;
  }

  private add({ name, id, points, ms }: Budget, by: 1 | -1): Promise<readonly [sum: number, left: number]> {
    const life = Math.max(1, Math.ceil(ms / 1_000)) * 1_000;
    return this.counters.add(`${name}:${id}`, by, points, life);
  }
}

class MemoryCounters implements Counters {
  private readonly sums: ExpiringMap<string, number>;

  constructor(now: () => number) {
    this.sums = new ExpiringMap(now);
  }

  async add(key: string, by: number, points: number, life: number): Promise<readonly [number, number]> {
    const there = this.sums.get(key) ?? 0;
    const left = there > 0 ? this.sums.left(key) : life;
    const sum = there + by;
    if (by > 0 && sum > points) return [sum, left];
    if (sum <= 0) this.sums.delete(key);
    else if (there > 0) this.sums.change(key, sum);
    else this.sums.set(key, sum, life);
    return [Math.max(0, sum), left];
  }
}

/** A counter that someone made permanent counts as expired, so that no key stays for ever. */
const add = redisScript(`
local there = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
local by, points, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if left < 0 then there, left = 0, life end
local sum = there + by
if by > 0 and sum > points then return {sum, left} end
if sum <= 0 then redis.call('DEL', KEYS[1])
elseif there > 0 then redis.call('INCRBY', KEYS[1], by)
else redis.call('SET', KEYS[1], sum, 'PX', life) end
return {math.max(0, sum), left}`);

class RedisCounters implements Counters {
  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
  ) {}

  async add(key: string, by: number, points: number, life: number): Promise<readonly [number, number]> {
    const reply = await add(this.client, `${this.prefix}budget:${key}`, by, points, life);
    return [integerAt(reply, 0), integerAt(reply, 1)];
  }
}
