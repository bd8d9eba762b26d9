import type { Account, Rev, UserId } from '../account/account';
import type { Accounts } from './contracts';
import { frozenCopy } from './frozen-copy';

/** Accounts in this process' memory: for development and tests. A restart forgets them. */
export function memoryAccounts(): Accounts {
  return new MemoryAccounts();
}

class MemoryAccounts implements Accounts {
  private readonly byUser = new Map<UserId, Account>();
  private readonly byHandle = new Map<string, UserId>();

  async load(userId: UserId): Promise<Account | null> {
    return this.byUser.get(userId) ?? null;
  }

  async save(account: Account, over: Rev | null): Promise<boolean> {
    const there = this.byUser.get(account.userId);
    if ((there?.rev ?? null) !== over) return false;
    this.forgetHandle(there);
    const stored = frozenCopy(account);
    this.byUser.set(stored.userId, stored);
    const handle = handleOf(stored);
    if (handle !== null) this.byHandle.set(handle, stored.userId);
    return true;
  }

  async findByHandle(handle: string): Promise<Account | null> {
    const userId = this.byHandle.get(handle);
    return userId === undefined ? null : this.load(userId);
  }

  async remove(userId: UserId): Promise<void> {
    this.forgetHandle(this.byUser.get(userId));
    this.byUser.delete(userId);
  }

  async *all(): AsyncGenerator<Account, void, undefined> {
    for (const account of this.byUser.values()) yield account;
  }

  private forgetHandle(account: Account | undefined): void {
    const handle = account && handleOf(account);
    if (handle) this.byHandle.delete(handle);
  }
}

/** The WebAuthn user handle, of those accounts that have one. */
function handleOf(account: Account): string | null {
  return 'handle' in account && typeof account.handle === 'string' ? account.handle : null;
}
