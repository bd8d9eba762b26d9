import type { Account, Rev, UserId } from '../../lib/account/account';
import { randomRev } from '../../lib/crypto/random';
import { SecondFactorError } from '../../lib/errors';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import type { Accounts } from '../../lib/stores/contracts';

/** What happens to one save. */
export type Fate =
  /** It is stored, and says so. */
  | 'saved'
  /** Somebody else saved the same account first. */
  | 'lost'
  /** It is stored, but the answer never comes. */
  | 'stored, not heard of'
  /** It is not stored, and the answer never comes. */
  | 'not stored, not heard of'
  /** It is stored, somebody else saves over it, and the answer never comes. */
  | 'stored, not heard of, overwritten'
  /** As the two above, and the store is down for the load that follows. */
  | 'stored, then down'
  | 'not stored, then down'
  /** Somebody else does this first. */
  | (() => Promise<unknown>);

/** A memory store whose next saves have the fates that a test gives them. */
export class UnreliableAccounts implements Accounts {
  readonly fates: Fate[] = [];
  /** Whether somebody saved an account as it was. */
  touched = false;
  saves = 0;
  loads = 0;
  private isDown = false;

  /** @param stored every state that was ever stored, by its rev */
  constructor(
    readonly inner: Accounts = memoryAccounts(),
    readonly stored: Map<Rev, Account> = new Map(),
  ) {}

  async load(userId: UserId): Promise<Account | null> {
    this.loads += 1;
    if (this.isDown) {
      this.isDown = false;
      throw down();
    }
    return this.inner.load(userId);
  }

  async save(account: Account, over: Rev | null): Promise<boolean> {
    this.saves += 1;
    const fate = this.fates.shift() ?? 'saved';
    if (typeof fate === 'function') await fate();
    if (fate === 'lost') await this.touch(account.userId);
    if (fate === 'saved' || fate === 'lost' || typeof fate === 'function') return this.store(account, over);
    if (fate.startsWith('stored')) await this.store(account, over);
    if (fate.endsWith('overwritten')) await this.touch(account.userId);
    this.isDown = fate.endsWith('then down');
    throw new Error('timed out');
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.inner.findByHandle(handle);
  }

  remove(userId: UserId): Promise<void> {
    return this.inner.remove(userId);
  }

  all(): AsyncIterable<Account> {
    return this.inner.all();
  }

  /** Another writer saves the account as it is. */
  async touch(userId: UserId): Promise<void> {
    const there = await this.inner.load(userId);
    this.touched ||= there !== null;
    if (there) await this.store({ ...there, rev: randomRev() }, there.rev);
  }

  private async store(account: Account, over: Rev | null): Promise<boolean> {
    const isStored = await this.inner.save(account, over);
    if (isStored) this.stored.set(account.rev, account);
    return isStored;
  }
}

const down = () => new SecondFactorError('unavailable', 'The account store is down.');
