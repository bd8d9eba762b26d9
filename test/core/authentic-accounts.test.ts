import type { Account, Rev, UserId } from '../../lib/account/account';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import type { Accounts } from '../../lib/stores/contracts';
import { anAccount } from '../account/an-account';
import { signing } from '../support/signing';

const [ann, bob] = ['ann', 'bob'] as unknown as readonly [UserId, UserId];

/** A store whose rows a thief has moved about: what is asked for, and what comes. */
function moved(inner: Accounts, load: Account | null, found: Account | null = null): Accounts {
  return {
    load: async () => load,
    findByHandle: async () => found,
    save: (account, over) => inner.save(account, over),
    remove: (userId) => inner.remove(userId),
    all: () => inner.all(),
  };
}

async function two() {
  const store = memoryAccounts();
  const accounts = signing(store);
  for (const userId of [ann, bob])
    await accounts.save({ ...anAccount(), userId, rev: 'first' as Rev, handle: `handle of ${userId}` }, null);
  return { store, anns: await store.load(ann), bobs: await store.load(bob) };
}

const unavailable = { code: 'unavailable', message: 'A stored account is not as it was saved.' };

describe('A genuine account', () => {
  it('of somebody else is none, where the store keeps ids beside the accounts', async () => {
    const { store, bobs } = await two();
    const told: unknown[] = [];
    const accounts = signing(moved(store, bobs), undefined, (...what) => told.push(what));
    await expect(accounts.load(ann)).rejects.toMatchObject(unavailable);
    expect(told).toEqual([[ann, 'changed']]);
    expect(await accounts.load(bob)).toEqual(bobs);
  });

  it('is not found by a handle that is not its own', async () => {
    const { store, bobs } = await two();
    const accounts = signing(moved(store, null, bobs));
    await expect(accounts.findByHandle('handle of ann')).rejects.toMatchObject(unavailable);
    expect(await accounts.findByHandle('handle of bob')).toEqual(bobs);
  });

  it('is saved with its MAC, whatever the caller left in that place', async () => {
    const { store, anns } = await two();
    const next = { ...anAccount(), userId: ann, rev: 'second' as Rev, mac: 'made up' };
    expect(await signing(store).save(next, anns?.rev ?? null)).toBe(true);
    expect(await signing(store).load(ann)).toMatchObject({
      rev: 'second',
      mac: expect.stringMatching(/^1\./),
    });
  });

  it('that was put back is not told from the newest', async () => {
    const { store, anns } = await two();
    const next = { ...anAccount(), userId: ann, rev: 'second' as Rev };
    await signing(store).save(next, anns?.rev ?? null);
    expect(await signing(moved(store, anns)).load(ann)).toEqual(anns);
  });
});

describe('A walk through all accounts', () => {
  it('goes past those that are not as they were saved, and says which', async () => {
    const { store, anns } = await two();
    await store.save({ ...(anns ?? anAccount()), rev: 'second' as Rev, epoch: 5 }, anns?.rev ?? null);
    const told: unknown[] = [];
    const accounts = signing(store, undefined, (...what) => told.push(what));
    const walked: UserId[] = [];
    for await (const { userId } of accounts.all()) walked.push(userId);
    expect(walked).toEqual([bob]);
    expect(told).toEqual([[ann, 'changed']]);
  });
});
