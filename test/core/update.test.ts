import fc from 'fast-check';
import { type Account, freshLane, moveEpoch } from '../../lib/account/account';
import { unchanged, update, type Change } from '../../lib/core/update';
import { userKeyOf } from '../../lib/crypto/digest';
import type { EpochStore } from '../../lib/stores/contracts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { SecondFactorError } from '../../lib/errors';
import { runs } from '../account/an-account';
import { overridePending } from '../support/override';
import { ada, coreScope, withListeners } from './core-scope';
import { UnreliableAccounts, type Fate } from './unreliable-accounts';

/** Counts in the account how often it was carried out: what it tells is the count it made. */
const addOne: Change<number> = (account) => {
  const wrong = account.lanes.known.wrong + 1;
  const next = { ...account, lanes: { ...account.lanes, known: { ...freshLane, wrong } } };
  return { account: next, outcome: wrong, events: [{ name: 'tries.used-up', lane: 'known' }] };
};
const countIn = (account: Account | null): number => account?.lanes.known.wrong ?? 0;

async function withAda(...fates: readonly Fate[]) {
  const accounts = new UnreliableAccounts();
  const scope = coreScope({ accounts });
  await update(scope, ada, addOne);
  scope.told.length = 0;
  accounts.fates.push(...fates);
  return { accounts, scope, count: async () => countIn(await accounts.inner.load(ada)) };
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => 'it was carried out',
    (reason: unknown) => reason,
  );
  return error instanceof SecondFactorError ? error.code : String(error);
};

describe('changing an account', () => {
  it('stores one where there was none', async () => {
    const accounts = new UnreliableAccounts();
    expect(await update(coreScope({ accounts }), ada, addOne)).toBe(1);
    expect(await accounts.load(ada)).toMatchObject({ userId: ada, epoch: 0, factors: [] });
  });

  it('gives each state a name of its own', async () => {
    const { accounts, scope } = await withAda();
    for (let time = 0; time < 20; time += 1) await update(scope, ada, addOne);
    expect(accounts.stored.size).toBe(21);
  });

  it('starts again with the newer state when somebody else was first', async () => {
    const { accounts, scope, count } = await withAda('lost', () =>
      update(coreScope({ accounts: accounts.inner }), ada, addOne),
    );
    expect(await update(scope, ada, addOne)).toBe(3);
    expect(await count()).toBe(3);
  });

  it('writes nothing for a rule that changes nothing', async () => {
    const { accounts, scope } = await withAda();
    const before = await accounts.inner.load(ada);
    const told = await update(scope, ada, () =>
      unchanged('refused', [{ name: 'logins.ended', except: null }]),
    );
    expect(told).toBe('refused');
    expect(accounts.saves).toBe(1);
    expect(await accounts.inner.load(ada)).toBe(before);
    expect(scope.told).toEqual([{ name: 'logins.ended', except: null, userId: ada, at: scope.now() }]);
  });

  it('asks the clock anew for each attempt', async () => {
    const { scope } = await withAda('lost');
    const times: number[] = [];
    await update(scope, ada, (account, now) => {
      times.push(now);
      scope.clock.move(5);
      return addOne(account, now);
    });
    expect(times[1]).toBe((times[0] ?? 0) + 5);
  });

  it('gives up after a bounded number of lost races, saying when to come back', async () => {
    const { accounts, scope, count } = await withAda(...Array<Fate>(100).fill('lost'));
    const failed = update(scope, ada, addOne);
    await expect(failed).rejects.toMatchObject({ code: 'busy', status: 503, details: { retryAfter: 1 } });
    expect(accounts.saves).toBe(21);
    expect(await count()).toBe(1);
    expect(scope.told).toEqual([]);
  });

  it('waits a little longer after each lost race, never long', async () => {
    const { scope } = await withAda(...Array<Fate>(19).fill('lost'));
    const waits: number[] = [];
    await update({ ...scope, pause: async (ms) => void waits.push(ms) }, ada, addOne);
    expect(waits).toHaveLength(19);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });

  it('fails as the rule fails, without a write', async () => {
    const { accounts, scope } = await withAda();
    const broken = () => {
      throw new Error('of the rule');
    };
    await expect(update(scope, ada, broken)).rejects.toThrow('of the rule');
    expect(accounts.saves).toBe(1);
  });

  it('fails when the store can’t be read', async () => {
    const { scope } = await withAda('not stored, then down');
    expect(await codeOf(update(scope, ada, addOne))).toBe('unavailable');
  });
});

describe('a save whose outcome is not known', () => {
  it('that was carried out is found by its name, and not done twice', async () => {
    const { accounts, scope, count } = await withAda('stored, not heard of');
    expect(await update(scope, ada, addOne)).toBe(2);
    expect(await count()).toBe(2);
    expect(accounts.saves).toBe(2);
  });

  it('that was not carried out is done again', async () => {
    const { scope, count } = await withAda('not stored, not heard of');
    expect(await update(scope, ada, addOne)).toBe(2);
    expect(await count()).toBe(2);
  });

  it('and that somebody saved over is judged anew: the worst case, which costs and never gives', async () => {
    const { scope, count } = await withAda('stored, not heard of, overwritten');
    expect(await update(scope, ada, addOne)).toBe(3);
    expect(await count()).toBe(3);
  });

  it('of the first of several attempts is known as well', async () => {
    const { accounts, scope, count } = await withAda();
    // The first save is late: it lands after the second was refused for a write that then vanished again.
    const before = await accounts.inner.load(ada);
    let late: Account | null = null;
    const original = accounts.save.bind(accounts);
    let attempt = 0;
    accounts.save = async (account, over) => {
      attempt += 1;
      if (attempt === 1) {
        late = account;
        throw new Error('timed out');
      }
      if (late && before) await original(late, before.rev);
      return original(account, over);
    };
    expect(await update(scope, ada, addOne)).toBe(2);
    expect(await count()).toBe(2);
  });

  it('is told with the events of the attempt that was stored, and with its name', async () => {
    const { accounts, scope } = await withAda('not stored, not heard of', 'stored, not heard of');
    await update(scope, ada, addOne);
    const { rev } = (await accounts.inner.load(ada)) ?? {};
    expect(scope.told).toEqual([{ name: 'tries.used-up', lane: 'known', userId: ada, at: scope.now(), rev }]);
  });
});

describe('a save that the store refuses', () => {
  it.each(['conflict', 'bad_option', 'wrong_setup'] as const)('is not tried again: %s', async (code) => {
    const { scope, accounts } = await withAda();
    const refusal = new SecondFactorError(code, 'refused');
    let saves = 0;
    accounts.save = () => {
      saves += 1;
      return Promise.reject(refusal);
    };
    await expect(update(scope, ada, addOne)).rejects.toBe(refusal);
    expect([saves, scope.told.length]).toEqual([1, 0]);
  });

  it('is told from one whose answer did not come, which is asked after', async () => {
    const { scope, accounts, count } = await withAda();
    const save = accounts.save.bind(accounts);
    let saves = 0;
    accounts.save = (account, over) => {
      saves += 1;
      return saves === 1 ? Promise.reject(new SecondFactorError('unavailable', 'down')) : save(account, over);
    };
    expect(await update(scope, ada, addOne)).toBe(2);
    expect(await count()).toBe(2);
  });
});

describe('an account that vanished', () => {
  it('between two attempts is a conflict, and is never made anew', async () => {
    const { accounts, scope } = await withAda(() => accounts.inner.remove(ada));
    expect(await codeOf(update(scope, ada, addOne))).toBe('conflict');
    expect(await accounts.inner.load(ada)).toBeNull();
  });

  it('after an unknown outcome is a conflict too', async () => {
    const { accounts, scope } = await withAda('stored, not heard of');
    const save = accounts.save.bind(accounts);
    accounts.save = (account, over) =>
      save(account, over).catch(async (error: unknown) => {
        await accounts.inner.remove(ada);
        throw error;
      });
    expect(await codeOf(update(scope, ada, addOne))).toBe('conflict');
    expect(await accounts.inner.load(ada)).toBeNull();
  });

  it('and that another had just made is a conflict: its loss of the race proves that it was there', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    accounts.fates.push(() => update(coreScope({ accounts: accounts.inner }), ada, addOne));
    const save = accounts.save.bind(accounts);
    accounts.save = async (account, over) => {
      const saved = await save(account, over);
      if (!saved) await accounts.inner.remove(ada);
      return saved;
    };
    expect(await codeOf(update(scope, ada, addOne))).toBe('conflict');
    expect(await accounts.inner.load(ada)).toBeNull();
  });
});

describe('a change of the epoch', () => {
  const end: Change<string> = (account, now) => ({ account: moveEpoch(account, now), outcome: 'ended' });

  function watched(given: Partial<EpochStore> = {}) {
    const accounts = new UnreliableAccounts();
    const calls: string[] = [];
    const suspend: EpochStore['suspend'] = async (user) =>
      void calls.push(`suspend ${user === userKeyOf(ada)}`);
    const pending = overridePending(memoryPending(), { epochs: { suspend, ...given } });
    const save = accounts.save.bind(accounts);
    accounts.save = (account, over) => {
      calls.push('save');
      return save(account, over);
    };
    return { accounts, calls, scope: coreScope({ accounts, pending }) };
  }

  it('suspends the number before it saves, before every attempt', async () => {
    const { accounts, calls, scope } = watched();
    await update(scope, ada, addOne);
    accounts.fates.push('lost', 'saved');
    await update(scope, ada, end);
    expect(calls).toEqual(['save', 'suspend true', 'save', 'suspend true', 'save']);
  });

  it('saves nothing when the number can’t be suspended', async () => {
    const down = new SecondFactorError('unavailable', 'down');
    const { accounts, calls, scope } = watched({ suspend: () => Promise.reject(down) });
    await expect(update(scope, ada, end)).rejects.toBe(down);
    expect(calls).toEqual([]);
    expect(await accounts.load(ada)).toBeNull();
    expect(scope.told).toEqual([]);
  });

  it('leaves the number alone for anything else', async () => {
    const { calls, scope } = watched();
    await update(scope, ada, addOne);
    expect(calls).toEqual(['save']);
  });
});

describe('what is told', () => {
  it('is told after the save has won, and never before', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    const stored: (Account | undefined)[] = [];
    const events = {
      emit: (_: unknown, { rev }: { rev?: Account['rev'] }) =>
        void stored.push(rev && accounts.stored.get(rev)),
    };
    accounts.fates.push('not stored, not heard of', 'saved');
    await update({ ...scope, events }, ada, addOne);
    expect(stored.map((account) => countIn(account ?? null))).toEqual([1]);
  });

  it('is nothing when the store failed for good', async () => {
    const { scope } = await withAda('not stored, then down');
    await codeOf(update(scope, ada, addOne));
    expect(scope.told).toEqual([]);
  });

  it('comes once, whoever else listens and whatever they throw', async () => {
    const { scope: plain } = await withAda();
    const { scope, events } = withListeners(plain);
    const heard: string[] = [];
    events.on('tries.used-up', () => {
      throw new Error('of a listener');
    });
    const late: () => unknown = async () => Promise.reject(new Error('of a listener, later'));
    events.on('tries.used-up', late);
    events.on('tries.used-up', ({ lane }) => void heard.push(lane));
    const gone = () => void heard.push('gone');
    events.on('tries.used-up', gone);
    events.off('tries.used-up', gone);
    expect(await update(scope, ada, addOne)).toBe(2);
    // An unhandled rejection would come after this turn of the loop, and end the process.
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['known']);
  });

  it('is a copy of its own for each listener', async () => {
    const { scope: plain } = await withAda();
    const { scope, events } = withListeners(plain);
    const heard: string[] = [];
    events.on('tries.used-up', (event) => void Object.assign(event, { lane: 'spoilt' }));
    events.on('tries.used-up', ({ lane }) => void heard.push(lane));
    await update(scope, ada, addOne);
    expect(heard).toEqual(['known']);
  });
});

describe('many writers at once', () => {
  const fate = fc.constantFrom<Fate>('saved', 'lost', 'stored, not heard of', 'not stored, not heard of');

  it('are each carried out exactly once, and told once, unless somebody saved over an unknown outcome', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        async (fates, writers) => {
          const { accounts, scope, count } = await withAda(...fates);
          const change = () => update(scope, ada, addOne);
          const counts = await Promise.all(Array.from({ length: writers }, change));
          const unheard = fates.filter((one) => one === 'stored, not heard of').length;
          const done = (await count()) - 1;
          expect(done).toBeGreaterThanOrEqual(writers);
          expect(done).toBeLessThanOrEqual(writers + (writers === 1 ? 0 : unheard));
          expect(new Set(counts).size).toBe(writers);
          expect(new Set(scope.told.map(({ rev }) => rev)).size).toBe(writers);
          expect(scope.told.every(({ rev }) => accounts.stored.has(rev as Account['rev']))).toBe(true);
        },
      ),
      { numRuns: runs(200) },
    );
  });
});
