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
    let isOver = false;
    try {
      for (;;) {
        const next = await this.time.for(STORE, () => accounts.next());
        isOver = next.done === true;
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Not waited for: the store may be the one that does not answer.
      if (!isOver) accounts.return?.().catch(() => undefined);
    }
  }
}
