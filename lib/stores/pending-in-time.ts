import type { Budget, EpochNumber, Login, LoginKey, Pending, SentCode, Taken, UserKey } from './contracts';
import type { TimeLeft } from './time-left';

const STORE = 'pending';

/** A pending store that does not wait longer than the time that is left. */
export class PendingInTime implements Pending {
  constructor(
    private readonly store: Pending,
    private readonly time: TimeLeft,
  ) {}

  readLogin(
    key: LoginKey,
    user: UserKey | null,
    slideTo: number | null,
  ): Promise<{ login: Login | null; epoch: EpochNumber }> {
    return this.time.for(STORE, () => this.store.readLogin(key, user, slideTo));
  }

  writeLogin(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    return this.time.for(STORE, () => this.store.writeLogin(key, login, user, life, replaces));
  }

  hasLogin(key: LoginKey): Promise<boolean> {
    return this.time.for(STORE, () => this.store.hasLogin(key));
  }

  removeLogin(key: LoginKey): Promise<boolean> {
    return this.time.for(STORE, () => this.store.removeLogin(key));
  }

  listLogins(user: UserKey): Promise<readonly { readonly key: LoginKey; readonly login: Login }[]> {
    return this.time.for(STORE, () => this.store.listLogins(user));
  }

  raiseEpoch(user: UserKey, epoch: number): Promise<void> {
    return this.time.for(STORE, () => this.store.raiseEpoch(user, epoch));
  }

  suspendEpoch(user: UserKey): Promise<void> {
    return this.time.for(STORE, () => this.store.suspendEpoch(user));
  }

  countTry(id: string, life: number): Promise<number> {
    return this.time.for(STORE, () => this.store.countTry(id, life));
  }

  returnTry(id: string, life: number): Promise<void> {
    return this.time.for(STORE, () => this.store.returnTry(id, life));
  }

  readTries(id: string): Promise<{ count: number; left: number }> {
    return this.time.for(STORE, () => this.store.readTries(id));
  }

  putCode(id: string, code: SentCode, life: number): Promise<void> {
    return this.time.for(STORE, () => this.store.putCode(id, code, life));
  }

  countTryOfCode(
    tryId: string,
    tryLife: number,
    codeId: string,
  ): Promise<{ readonly count: number; readonly codes: readonly SentCode[] }> {
    return this.time.for(STORE, () => this.store.countTryOfCode(tryId, tryLife, codeId));
  }

  readCodes(id: string): Promise<readonly SentCode[]> {
    return this.time.for(STORE, () => this.store.readCodes(id));
  }

  removeCode(id: string, code: SentCode): Promise<void> {
    return this.time.for(STORE, () => this.store.removeCode(id, code));
  }

  takeFrom(budgets: readonly Budget[]): Promise<Taken> {
    return this.time.for(STORE, () => this.store.takeFrom(budgets));
  }

  giveBack(budgets: readonly Budget[]): Promise<void> {
    return this.time.for(STORE, () => this.store.giveBack(budgets));
  }

  putSetup(id: string, value: string, life: number): Promise<string> {
    return this.time.for(STORE, () => this.store.putSetup(id, value, life));
  }

  getSetup(id: string): Promise<string | null> {
    return this.time.for(STORE, () => this.store.getSetup(id));
  }

  removeSetup(id: string): Promise<void> {
    return this.time.for(STORE, () => this.store.removeSetup(id));
  }

  close(): Promise<void> {
    return this.time.for(STORE, () => this.store.close());
  }
}
