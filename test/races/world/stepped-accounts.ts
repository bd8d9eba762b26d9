import { memoryAccounts } from '../../../lib';
import type { Account, Rev, UserId } from '../../../lib/account/account';
import { dueIn } from '../../../lib/account/outbox';
import type { Accounts } from '../../../lib/stores/contracts';
import type { Stage } from '../explorer/stage';
import type { Recorder } from './recorder';

/** The memory store of accounts, every call a step. */
export class SteppedAccounts implements Accounts {
  private inner = memoryAccounts();

  constructor(
    private readonly stage: Stage,
    private readonly recorder: Recorder,
  ) {}

  clear(): void {
    this.inner = memoryAccounts();
  }

  get text(): string {
    return this.recorder.textOf('accounts', () => this.inner);
  }

  load(userId: UserId): Promise<Account | null> {
    return this.stage.call({ name: 'accounts.load', touches: [[`account ${userId}`, 'read']] }, () =>
      this.inner.load(userId),
    );
  }

  save(account: Account, over: Rev | null): Promise<boolean> {
    return this.write('save', account.userId, () => this.inner.save(account, over));
  }

  remove(userId: UserId): Promise<void> {
    return this.write('remove', userId, () => this.inner.remove(userId));
  }

  findByHandle(handle: string): Promise<Account | null> {
    return this.inner.findByHandle(handle);
  }

  all(): AsyncIterable<Account> {
    return this.inner.all();
  }

  async *due(now: number): AsyncGenerator<UserId, void, undefined> {
    const touches = ['id-ann', 'id-bob'].map((user) => [`account ${user}`, 'read'] as const);
    yield* await this.stage.call({ name: 'accounts.due', touches }, async () => {
      const found: UserId[] = [];
      for await (const userId of dueIn(this.inner, now)) found.push(userId);
      return found;
    });
  }

  private write<T>(name: string, userId: UserId, again: () => Promise<T>): Promise<T> {
    return this.stage.call({ name: `accounts.${name}`, touches: [[`account ${userId}`, 'write']] }, () =>
      this.recorder.write('accounts', name, again),
    );
  }
}
