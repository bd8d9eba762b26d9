import { explore, type Exploration, type Explored } from './explore';
import type { Operation, Run } from './run';
import { Stage } from './stage';

// Going through all orders takes what it takes; a slow machine is no failure.
jest.setTimeout(5 * 60_000);

/** Some numbers in a store whose every call is a step. */
class Numbers {
  readonly stage = new Stage();
  private numbers: Record<string, number> = {};

  reset = async (): Promise<void> => {
    this.numbers = {};
  };

  state = (): string => JSON.stringify(['a', 'b', 'c', 'own', 'third'].map((key) => this.at(key)));

  at(key: string): number {
    return this.numbers[key] ?? 0;
  }

  read(key: string): Promise<number> {
    return this.stage.call({ name: `read ${key}`, touches: [[key, 'read']] }, async () => this.at(key));
  }

  write(key: string, number: number): Promise<void> {
    return this.stage.call({ name: `write ${key}`, touches: [[key, 'write']] }, async () => {
      this.numbers[key] = number;
    });
  }

  swap(key: string, from: number, to: number): Promise<boolean> {
    return this.stage.call({ name: `swap ${key}`, touches: [[key, 'write']] }, async () => {
      if (this.at(key) !== from) return false;
      this.numbers[key] = to;
      return true;
    });
  }
}

async function explored(
  operations: (numbers: Numbers) => Record<string, () => Promise<unknown>>,
  given: Partial<Exploration> & { wrong?: (numbers: Numbers, run: Run) => string | false } = {},
): Promise<Explored> {
  const numbers = new Numbers();
  const { wrong, ...rest } = given;
  return explore({
    stage: numbers.stage,
    reset: numbers.reset,
    state: numbers.state,
    now: () => 0,
    operations: (): Operation[] =>
      Object.entries(operations(numbers)).map(([name, work]) => ({ name, work })),
    check: async (run) => {
      const what = wrong?.(numbers, run);
      return what ? [what] : [];
    },
    ...rest,
  });
}

/** Three steps on numbers of its own, or of all. */
const three = (numbers: Numbers, key: string) => async () => {
  await numbers.write(key, 1);
  await numbers.write(key, 2);
  await numbers.write(key, 3);
};

describe('The explorer', () => {
  it.each([true, false])(
    'counts every order of steps that touch each other (exhaustive: %s)',
    async (isExhaustive) => {
      const { orders } = await explored(
        (numbers) => ({ one: three(numbers, 'a'), other: three(numbers, 'a') }),
        { mostFaults: 0, isExhaustive },
      );
      // 6 over 3
      expect(orders).toBe(20n);
    },
  );

  it('counts as many where the steps do not touch each other, and goes through one', async () => {
    const { orders, runs } = await explored(
      (numbers) => ({ one: three(numbers, 'a'), other: three(numbers, 'b'), third: three(numbers, 'c') }),
      { mostFaults: 0 },
    );
    // 9! / (3! 3! 3!)
    expect(orders).toBe(1680n);
    expect(runs).toBe(1);
  });

  it('lets an operation die after each of its steps', async () => {
    const { orders, ends } = await explored((numbers) => ({ one: three(numbers, 'a') }));
    expect(orders).toBe(4n);
    expect(ends.size).toBe(4);
  });

  it.each(['a', 'b'])(
    'finds every end and every order although it leaves out some (other works on %s)',
    async (key) => {
      const mixed = (numbers: Numbers) => ({
        one: async () => {
          await numbers.write('own', 1);
          const seen = await numbers.read('a');
          await numbers.write('a', seen + 1);
          await numbers.write('own', seen);
        },
        other: three(numbers, key),
        third: async () => {
          const both = await Promise.all([numbers.read('a'), numbers.read(key)]);
          await numbers.write('third', both[0] * 10 + both[1]);
        },
      });
      const mostFaults = process.env.TEST_LONG === '1' ? 2 : 1;
      const all = await explored(mixed, { isExhaustive: true, mostFaults });
      const some = await explored(mixed, { mostFaults });
      expect(some.orders).toBe(all.orders);
      expect(some.ends).toEqual(all.ends);
      expect(some.runs).toBeLessThan(all.runs);
    },
  );

  it('goes on but once from where an operation died, whatever it had read, unless that is looked at', async () => {
    const operations = (numbers: Numbers) => ({
      one: async () => {
        for (const key of ['a', 'b', 'a', 'b']) await numbers.read(key);
        await numbers.write('own', 1);
      },
      other: async () => {
        for (const key of ['a', 'b', 'a']) await numbers.write(key, (await numbers.read(key)) + 1);
      },
    });
    const all = await explored(operations, { isExhaustive: true });
    const some = await explored(operations);
    const remembered = await explored(operations, { remembersDead: true });
    expect([some.orders, remembered.orders]).toEqual([all.orders, all.orders]);
    expect(some.ends).toEqual(all.ends);
    expect(remembered.ends.size).toBeGreaterThan(some.ends.size);
    expect(some.states).toBeLessThan(remembered.states);
    expect(some.runs).toBeLessThan(remembered.runs);
  });

  it('finds the order in which an update is lost, and none where it is compared', async () => {
    const isLost = (numbers: Numbers, run: Run) =>
      run.faults === 0 && numbers.at('a') !== 2 && 'an update is lost';
    const increment = (numbers: Numbers) => async () => numbers.write('a', (await numbers.read('a')) + 1);
    const lost = await explored((numbers) => ({ one: increment(numbers), other: increment(numbers) }), {
      wrong: isLost,
    });
    expect(lost.violations[0]).toEqual({
      what: 'an update is lost',
      order: ['one: read a', 'other: read a', 'one: write a', 'other: write a'],
    });

    const swap = (numbers: Numbers) => async () => {
      for (let seen = await numbers.read('a'); !(await numbers.swap('a', seen, seen + 1));)
        seen = await numbers.read('a');
    };
    const kept = await explored((numbers) => ({ one: swap(numbers), other: swap(numbers) }), {
      wrong: isLost,
    });
    expect(kept.violations).toEqual([]);
  });

  it('finds what only a lost answer brings about', async () => {
    const retry = (numbers: Numbers) => async () => {
      const add = async () => numbers.write('a', (await numbers.read('a')) + 1);
      await add().catch(add);
    };
    const { violations } = await explored((numbers) => ({ one: retry(numbers) }), {
      fates: ['lives', 'unanswered'],
      wrong: (numbers) => numbers.at('a') > 1 && 'done twice',
    });
    expect(violations[0]?.order).toEqual([
      'one: read a',
      'one: write a (unanswered)',
      'one: read a',
      'one: write a',
    ]);
  });

  it('tells an operation that waits for anything but a step', async () => {
    const stuck = explored((numbers) => ({
      one: async () => numbers.read('a').then(() => new Promise(() => undefined)),
    }));
    await expect(stuck).rejects.toThrow('one waits for something that is no step, after: one: read a');
  });
});
