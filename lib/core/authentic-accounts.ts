import type { Account, Rev, UserId } from '../account/account';
import { dueIn } from '../account/outbox';
import { type RequestFilter, requestsIn } from '../account/requests-among';
import type { AccountMacs } from '../crypto/account-mac';
import type { Authenticity } from '../crypto/mac';
import { SecondFactorError } from '../errors';
import type { Accounts } from '../stores/contracts';

export type Tampering = Exclude<Authenticity, 'genuine'>;

export interface Inspected {
  readonly account: Account;
  readonly authenticity: Authenticity;
}

/**
 * An account store that need not be trusted: what goes in is signed, what comes out is checked. It wraps whichever
 * store the app gave, so that neither a store nor a caller can bypass it. To its user, an account that is not as it was
 * saved looks like a store that is down: never a pass, and never an account without factors.
 */
export class AuthenticAccounts implements Accounts {
  /** @param tell is called each time an account is read that is not as it was saved */
  constructor(
    private readonly store: Accounts,
    private readonly macs: AccountMacs,
    private readonly tell: (userId: UserId, reason: Tampering) => void,
  ) {}

  async load(userId: UserId): Promise<Account | null> {
    const account = await this.store.load(userId);
    // A genuine account in the place of another belongs to someone else.
    return account && this.genuine(account, userId, account.userId === userId);
  }

  /** An account, with what its MAC says, where that must stop nothing. */
  async examine(userId: UserId): Promise<Inspected | null> {
    const account = await this.store.load(userId);
    return account && { account, authenticity: this.authenticityOf(account, account.userId === userId) };
  }

  save(account: Account, over: Rev | null): Promise<boolean> {
    return this.store.save(this.macs.sign(account), over);
  }

  async findByHandle(handle: string): Promise<Account | null> {
    const account = await this.store.findByHandle(handle);
    return account && this.genuine(account, account.userId, account.handle === handle);
  }

  remove(userId: UserId): Promise<void> {
    return this.store.remove(userId);
  }

  /** Only the genuine ones: one that is not must not stop a walk through the others. */
  all(): AsyncGenerator<Account, void, undefined> {
    return genuineOf(this.inspect());
  }

  /** Not to be trusted before the account is loaded. */
  due(now: number): AsyncIterable<UserId> {
    return dueIn(this.store, now);
  }

  /** Only the genuine ones, as with all of them. */
  withRequest(filter: RequestFilter): AsyncGenerator<Account, void, undefined> {
    return genuineOf(this.inspect(requestsIn(this.store, filter)));
  }

  /** Every account, with what its MAC says. */
  async *inspect(accounts = this.store.all()): AsyncGenerator<Inspected, void, undefined> {
    for await (const account of accounts) {
      const authenticity = this.macs.check(account);
      if (authenticity !== 'genuine') this.tell(account.userId, authenticity);
      yield { account, authenticity };
    }
  }

  private genuine(account: Account, userId: UserId, isRight: boolean): Account {
    const authenticity = this.authenticityOf(account, isRight);
    if (authenticity === 'genuine') return account;
    this.tell(userId, authenticity);
    throw authenticity === 'changed' ? changed() : unknownKey();
  }

  private authenticityOf(account: Account, isRight: boolean): Authenticity {
    return isRight ? this.macs.check(account) : 'changed';
  }
}

async function* genuineOf(inspected: AsyncIterable<Inspected>): AsyncGenerator<Account, void, undefined> {
  for await (const { account, authenticity } of inspected) if (authenticity === 'genuine') yield account;
}

const changed = () =>
  new SecondFactorError(
    'unavailable',
    'A stored account is not as it was saved.',
    'Something else wrote to the account store. The event account.tampered says whose account it is: find out what wrote there, then restore the account from a backup, or forget() it.',
  );

const unknownKey = () =>
  new SecondFactorError(
    'unavailable',
    'A stored account was signed by a key that is not in the ring.',
    'Put the key that wrote it back into `keys`, after the first one.',
  );
