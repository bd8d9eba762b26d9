import { inspect } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { countTryOfCode } from '../../lib/core/login-tries';
import { SecondFactorError } from '../../lib/errors';
import type { Accounts } from '../../lib/stores/contracts';
import { within } from '../../lib/stores/deadline';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { accountsContract, anAccount, userId } from '../contracts/accounts.contract';
import {
  aBudget,
  aCode,
  ADA,
  aLogin,
  loginKey,
  pendingContract,
  readLogin,
} from '../contracts/pending.contract';
import { intercepted } from '../support/override';

accountsContract('memoryAccounts within a deadline', async () => ({
  accounts: within(memoryAccounts(), memoryPending(), { ms: 60_000 }).accounts,
  close: async () => undefined,
}));

pendingContract('memoryPending within a deadline', async () => {
  let time = 0;
  return {
    pending: within(memoryAccounts(), memoryPending({ now: () => time }), { ms: 60_000 }).pending,
    pass: async (ms) => {
      time += ms;
    },
    close: async () => undefined,
  };
});

const never = new Promise<never>(() => undefined);
const frozenAccounts: Accounts = {
  load: () => never,
  save: () => never,
  findByHandle: () => never,
  remove: () => never,
  all: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) }),
};
const frozenPending = intercepted(memoryPending(), () => never);

describe('within', () => {
  afterEach(() => jest.useRealTimers());

  it('has no answer of a frozen store wait longer than the deadline, whichever call it is', async () => {
    jest.useFakeTimers();
    const { accounts, pending } = within(frozenAccounts, frozenPending, { now: Date.now });
    const calls = [
      accounts.load(userId('ada')),
      accounts.save(anAccount(userId('ada')), null),
      accounts.findByHandle('handle'),
      accounts.remove(userId('ada')),
      accounts.all()[Symbol.asyncIterator]().next(),
      readLogin(pending, loginKey(1), ADA, null),
      pending.logins.write(loginKey(1), aLogin(), ADA, 1, null),
      pending.logins.has(loginKey(1)),
      pending.logins.remove(loginKey(1)),
      pending.logins.list(ADA),
      pending.epochs.raise(ADA, 1),
      pending.epochs.suspend(ADA),
      pending.tries.count('a', 1),
      pending.tries.takeBack('a', 1),
      pending.tries.read('a'),
      pending.codes.put('a', aCode(), 1),
      countTryOfCode(pending, 'a', 1, 'a'),
      pending.codes.read('a'),
      pending.codes.remove('a', aCode()),
      pending.budgets.take([aBudget()]),
      pending.budgets.giveBack([aBudget()]),
      pending.setups.put('a', 'b', 1),
      pending.setups.get('a'),
      pending.setups.remove('a'),
      pending.close(),
    ];
    const outcomes = Promise.allSettled(calls);
    let settled = 0;
    for (const call of calls) void call.catch(() => undefined).finally(() => (settled += 1));
    await jest.advanceTimersByTimeAsync(2_499);
    expect(settled).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(settled).toBe(calls.length);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'unavailable' } });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts the time spent waiting for the stores, all calls together, and no other', async () => {
    jest.useFakeTimers();
    const slow = { ...frozenAccounts, load: () => new Promise<null>((done) => setTimeout(done, 600, null)) };
    const { accounts, pending } = within(slow, frozenPending, { ms: 1_000, now: Date.now });
    await jest.advanceTimersByTimeAsync(5_000);
    const first = accounts.load(userId('ada'));
    await jest.advanceTimersByTimeAsync(600);
    expect(await first).toBeNull();
    await jest.advanceTimersByTimeAsync(5_000);
    let isOver = false;
    const call = expect(pending.logins.has(loginKey(1)).finally(() => (isOver = true))).rejects.toMatchObject(
      {
        code: 'unavailable',
      },
    );
    await jest.advanceTimersByTimeAsync(399);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await call;
  });

  it('asks nothing more of a store once the time is over', async () => {
    jest.useFakeTimers();
    const load = jest.fn(frozenAccounts.load);
    const store = { ...frozenAccounts, load };
    const { accounts, pending } = within(store, frozenPending, { ms: 1_000, now: Date.now });
    const frozen = expect(pending.logins.has(loginKey(1))).rejects.toMatchObject({ code: 'unavailable' });
    await jest.advanceTimersByTimeAsync(1_000);
    await frozen;
    await expect(accounts.load(userId('ada'))).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(load).not.toHaveBeenCalled();
  });

  it('says when to come back: in 1 to 5 whole seconds', async () => {
    const seen = new Set<unknown>();
    for (let n = 0; n < 200; n += 1) {
      const { accounts } = within(frozenAccounts, frozenPending, { ms: 0 });
      const error: unknown = await accounts.load(userId('ada')).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SecondFactorError);
      seen.add((error as SecondFactorError).details.retryAfter);
    }
    expect([...seen].toSorted((one, other) => Number(one) - Number(other))).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves no timer behind, neither after an answer nor after an error', async () => {
    jest.useFakeTimers();
    const broken = { ...frozenAccounts, load: () => Promise.reject(new Error('no')) };
    const { accounts, pending } = within(broken, memoryPending(), {});
    await pending.tries.count('a', 1_000);
    await expect(accounts.load(userId('ada'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(jest.getTimerCount()).toBe(0);
  });

  // Jest fails a test during which a rejection is handled by nobody.
  it('lets a late error go nowhere', async () => {
    const late = { ...frozenAccounts, load: () => pause(20).then(() => Promise.reject(new Error('late'))) };
    const { accounts } = within(late, frozenPending, { ms: 5 });
    await expect(accounts.load(userId('ada'))).rejects.toMatchObject({ code: 'unavailable' });
    await pause(40);
  });

  it('hides what a store of somebody else throws, but for its kind', async () => {
    class DriverError extends Error {
      override readonly name = 'DriverError';
      readonly command = { args: ['SET', 'key', 'secret'] };
    }
    const leaky = {
      ...frozenAccounts,
      load: () => Promise.reject(new DriverError('secret')),
      remove: (): never => {
        throw new DriverError('secret');
      },
    };
    const { accounts } = within(leaky, frozenPending);
    for (const call of [accounts.load(userId('ada')), accounts.remove(userId('ada'))]) {
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'unavailable',
        help: expect.stringContaining('DriverError') as string,
      });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
    }
  });

  it("lets the store's own SecondFactorError through as it is", async () => {
    const own = new SecondFactorError('duplicate', 'This key belongs to another account already.');
    const { accounts } = within({ ...frozenAccounts, save: () => Promise.reject(own) }, frozenPending);
    await expect(accounts.save(anAccount(userId('ada')), null)).rejects.toBe(own);
  });

  it('ends the walk of a store when the caller breaks off its own', async () => {
    let ended = false;
    const store: Accounts = {
      ...frozenAccounts,
      all: async function* () {
        try {
          yield anAccount(userId('ada'));
          yield anAccount(userId('bob'));
        } finally {
          ended = true;
        }
      },
    };
    for await (const account of within(store, frozenPending).accounts.all()) {
      expect(account.userId).toBe('ada');
      break;
    }
    await pause(1);
    expect(ended).toBe(true);
  });
});
