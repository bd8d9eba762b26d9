import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { accountsContract, anAccount, userId } from '../contracts/accounts.contract';

accountsContract('memoryAccounts', async () => ({
  accounts: memoryAccounts(),
  close: async () => undefined,
}));

describe('memoryAccounts', () => {
  it('gives out frozen accounts, so that a rule cannot change one by mistake', async () => {
    const accounts = memoryAccounts();
    await accounts.save(anAccount(userId('ada')), null);
    const account = await accounts.load(userId('ada'));
    expect(Object.isFrozen(account)).toBe(true);
    expect(Object.isFrozen(account?.factors)).toBe(true);
    expect(Object.isFrozen(account?.factors[0])).toBe(true);
    expect(Object.isFrozen(account?.lanes.known)).toBe(true);
  });

  it('keeps a key named __proto__ a key', async () => {
    const accounts = memoryAccounts();
    const odd: unknown = JSON.parse('{ "__proto__": { "epoch": 99 } }');
    await accounts.save(Object.assign(anAccount(userId('ada')), { odd }), null);
    const loaded = await accounts.load(userId('ada'));
    expect(JSON.stringify(loaded)).toContain('"odd":{"__proto__":{"epoch":99}}');
  });
});
