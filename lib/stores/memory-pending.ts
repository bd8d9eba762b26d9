import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import { Budgets } from './budgets';
import type { EpochNumber, Login, LoginKey, Pending, UserKey } from './contracts';
import { ExpiringMap } from './expiring-map';
import { readComplete, readRecord, writeRecord } from './login-record';
import { addInMemory } from './memory-budgets';
import { MemoryCodes } from './memory-codes';
import { MemoryEpochs } from './memory-epochs';
import { MemoryTries } from './memory-tries';
import { LOGIN_LIFE, MOST_LOGINS, wholeMs } from './pending-rules';

export interface MemoryPendingOptions extends AcceptLoss {
  /** The clock, ms since 1970. */
  readonly now?: () => number;
  /** The option `loginLife` of `secondFactor`, in ms, where that is longer than its 30 days. */
  readonly loginLife?: number;
}

/**
 * Pending state in this process' memory: for development and tests. A restart signs everybody out, and forgets how many
 * codes were tried and sent.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryPending(options: MemoryPendingOptions = {}): Pending {
  requireAcceptedLoss('memoryPending', options, ['now', 'loginLife'], 'redisPending(client)');
  return new MemoryPending(options.now ?? Date.now, options.loginLife ?? LOGIN_LIFE);
}

class MemoryPending implements Pending {
  /** As text, like in Redis: what is read is a copy, and the same copy that Redis would give. */
  private readonly records: ExpiringMap<LoginKey, string>;
  private readonly loginsOf: ExpiringMap<UserKey, ReadonlyMap<LoginKey, number>>;
  private readonly epochs: MemoryEpochs;
  private readonly tries: MemoryTries;
  private readonly codes: MemoryCodes;
  private readonly budgetCounters: ExpiringMap<string, number>;
  private readonly budgets: Budgets;
  private readonly setups: ExpiringMap<string, string>;

  constructor(
    now: () => number,
    private readonly loginLife: number,
  ) {
    this.records = new ExpiringMap(now);
    this.loginsOf = new ExpiringMap(now);
    this.epochs = new MemoryEpochs(now);
    this.tries = new MemoryTries(now);
    this.codes = new MemoryCodes(now);
    this.budgetCounters = new ExpiringMap(now);
    this.budgets = new Budgets(addInMemory(this.budgetCounters));
    this.setups = new ExpiringMap(now);
  }

  async readLogin(
    key: LoginKey,
    user: UserKey | null,
    slideTo: number | null,
  ): Promise<{ login: Login | null; epoch: EpochNumber }> {
    if (slideTo !== null) this.records.slide(key, wholeMs(slideTo));
    return { login: readRecord(this.records.get(key)), epoch: user === null ? null : this.epochs.read(user) };
  }

  async writeLogin(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean> {
    const wasThere = replaces !== null && replaces !== key && this.records.delete(replaces);
    this.records.set(key, writeRecord(login), wholeMs(life));
    if (login.state !== 'owed') this.list(user, key, login.since, life);
    return wasThere;
  }

  async hasLogin(key: LoginKey): Promise<boolean> {
    return this.records.has(key);
  }

  async removeLogin(key: LoginKey): Promise<boolean> {
    return this.records.delete(key);
  }

  async listLogins(user: UserKey): Promise<readonly { readonly key: LoginKey; readonly login: Login }[]> {
    return this.living(user).flatMap(([key]) => {
      const login = readComplete(this.records.get(key));
      return login === null ? [] : [{ key, login }];
    });
  }

  readonly raiseEpoch: Pending['raiseEpoch'] = async (user, epoch) => this.epochs.raise(user, epoch);
  readonly suspendEpoch: Pending['suspendEpoch'] = async (user) => this.epochs.suspend(user);

  readonly countTry: Pending['countTry'] = async (id, life) => this.tries.add(id, 1, life);
  readonly returnTry: Pending['returnTry'] = async (id, life) => void this.tries.add(id, -1, life);
  readonly readTries: Pending['readTries'] = async (id) => this.tries.read(id);

  readonly countTryOfCode: Pending['countTryOfCode'] = async (tryId, tryLife, codeId) => ({
    count: this.tries.add(tryId, 1, tryLife),
    codes: this.codes.read(codeId),
  });
  readonly putCode: Pending['putCode'] = async (id, code, life) => this.codes.put(id, code, wholeMs(life));
  readonly readCodes: Pending['readCodes'] = async (id) => this.codes.read(id);
  readonly removeCode: Pending['removeCode'] = async (id, code) => this.codes.remove(id, code);

  readonly takeFrom: Pending['takeFrom'] = (budgets) => this.budgets.take(budgets);
  readonly giveBack: Pending['giveBack'] = (budgets) => this.budgets.giveBack(budgets);

  async putSetup(id: string, value: string, life: number): Promise<string> {
    const there = this.setups.get(id);
    if (there !== null) return there;
    this.setups.set(id, value, wholeMs(life));
    return value;
  }

  readonly getSetup: Pending['getSetup'] = async (id) => this.setups.get(id);
  readonly removeSetup: Pending['removeSetup'] = async (id) => void this.setups.delete(id);

  /** There are no timers, and the next process starts empty anyway. */
  async close(): Promise<void> {}

  private list(user: UserKey, key: LoginKey, since: number, life: number): void {
    const others = this.living(user).filter(([other]) => other !== key);
    const tooMany = others.splice(0, Math.max(0, others.length + 1 - MOST_LOGINS));
    for (const [oldest] of tooMany) this.records.delete(oldest);
    this.loginsOf.set(user, new Map([...others, [key, since]]), Math.max(wholeMs(life), this.loginLife));
  }

  /** Those of the listed logins that are still alive, oldest first. */
  private living(user: UserKey): [LoginKey, number][] {
    const listed = [...(this.loginsOf.get(user) ?? [])];
    return listed.filter(([key]) => this.records.has(key)).toSorted(([, one], [, other]) => one - other);
  }
}
