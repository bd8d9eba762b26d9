import type { Rev, UserId } from '../../lib/account/account';
import { SeenAccounts } from '../../lib/session/seen-accounts';
import { within } from '../../lib/stores/deadline';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import { ada, anAccount } from '../account/an-account';

describe('the accounts of one request', () => {
  it('are what it has last read or saved, and nothing that it has not', async () => {
    const store = memoryAccounts();
    const accounts = new SeenAccounts(within(store, memoryPending()).accounts);
    const account = { ...anAccount(), userId: ada, rev: 'first' as Rev };
    await store.save(account, null);
    expect(accounts.seen(ada)).toBeNull();
    await accounts.load('bob' as UserId);
    expect(accounts.seen('bob' as UserId)).toBeNull();

    await accounts.load(ada);
    expect(accounts.seen(ada)).toEqual(account);
    const later = { ...account, rev: 'second' as Rev, epoch: 7 };
    expect(await accounts.save(later, 'another' as Rev)).toBe(false);
    expect(accounts.seen(ada)).toEqual(account);
    expect(await accounts.save(later, account.rev)).toBe(true);
    expect(accounts.seen(ada)).toEqual(later);
    await accounts.remove(ada);
    expect(accounts.seen(ada)).toBeNull();
  });
});
