import { allowFunctions } from '../options/checks';
import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import { Budgets } from './budgets';
import type { EpochNumber, Login, LoginKey, Pending, UserKey } from './contracts';
import { ExpiringMap } from './expiring-map';
import { addInMemory } from './memory-budgets';
import { MemoryCodes } from './memory-codes';
import { MemoryEpochs } from './memory-epochs';
import { MemoryLogins } from './memory-logins';
import { MemoryTries } from './memory-tries';
import { loginLifeOf, wholeMs } from './pending-rules';

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
  allowFunctions('memoryPending.', options, ['now']);
  return new MemoryPending(options.now ?? Date.now, loginLifeOf('memoryPending.loginLife', options));
}

class MemoryPending implements Pending {
  private readonly logins: MemoryLogins;
  private readonly epochs: MemoryEpochs;
  private readonly tries: MemoryTries;
  private readonly codes: MemoryCodes;
  private readonly budgetCounters: ExpiringMap<string, number>;
  private readonly budgets: Budgets;
  private readonly setups: ExpiringMap<string, string>;

  constructor(now: () => number, loginLife: number) {
    this.logins = new MemoryLogins(now, loginLife);
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
    const login = this.logins.read(key, slideTo);
    return { login, epoch: user === null ? null : this.epochs.read(user) };
  }

  readonly writeLogin: Pending['writeLogin'] = async (key, login, user, life, replaces) =>
    this.logins.write(key, login, user, wholeMs(life), replaces);
  readonly hasLogin: Pending['hasLogin'] = async (key) => this.logins.has(key);
  readonly removeLogin: Pending['removeLogin'] = async (key) => this.logins.remove(key);
  readonly listLogins: Pending['listLogins'] = async (user) => this.logins.list(user);

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
}
