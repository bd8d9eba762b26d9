import type { Account, Rev, UserId } from '../account/account';
import type { RequestFilter } from '../account/requests-among';
import type { Accounts } from '../stores/contracts';

/**
 * The accounts of one request, and what it has last read or saved of each. So whatever every page has to show of an
 * account is there without another read, and without each page having to remember it.
 */
export class SeenAccounts implements Accounts {
  readonly #seen = new Map<UserId, Account>();

  constructor(private readonly store: Required<Accounts>) {}

  /** null: nothing was read of it. */
  seen(userId: UserId): Account | null {
    return this.#seen.get(userId) ?? null;
  }

  async load(userId: UserId): Promise<Account | null> {
    const account = await this.store.load(userId);
    if (account) this.#seen.set(userId, account);
    return account;
  }

  async save(account: Account, over: Rev | null): Promise<boolean> {
    const saved = await this.store.save(account, over);
    if (saved) this.#seen.set(account.userId, account);
    return saved;
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.store.findByHandle(handle);
  }

  async remove(userId: UserId): Promise<void> {
    await this.store.remove(userId);
    this.#seen.delete(userId);
  }

  all(): AsyncIterable<Account> {
    return this.store.all();
  }

  due(now: number): AsyncIterable<UserId> {
    return this.store.due(now);
  }

  withRequest(filter: RequestFilter): AsyncIterable<Account> {
    return this.store.withRequest(filter);
  }
}
