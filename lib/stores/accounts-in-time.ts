import type { Account, Rev, UserId } from '../account/account';
import type { Accounts } from './contracts';
import type { TimeLeft } from './time-left';

const STORE = 'account';

/** An account store that does not wait longer than the time that is left. */
export class AccountsInTime implements Accounts {
  constructor(
    private readonly store: Accounts,
    private readonly time: TimeLeft,
  ) {}

  load(userId: UserId): Promise<Account | null> {
    return this.time.for(STORE, () => this.store.load(userId));
  }

  save(account: Account, over: Rev | null): Promise<boolean> {
    return this.time.for(STORE, () => this.store.save(account, over));
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.time.for(STORE, () => this.store.findByHandle(handle));
  }

  remove(userId: UserId): Promise<void> {
    return this.time.for(STORE, () => this.store.remove(userId));
  }

  async *all(): AsyncGenerator<Account, void, undefined> {
    const accounts = this.store.all()[Symbol.asyncIterator]();
    const next = (): Promise<IteratorResult<Account>> => accounts.next();
    let isOver = false;
    try {
      for (;;) {
        const { done, value } = await this.time.for(STORE, next);
        isOver = done === true;
        if (done) return;
        yield value;
      }
    } finally {
      // Not waited for: the store may be the one that does not answer.
      if (!isOver) accounts.return?.().catch(() => undefined);
    }
  }
}
