import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import type { Pending } from './contracts';
import { memoryBudgets } from './pending/budgets';
import { MemoryCodes } from './pending/codes';
import { MemoryEpochs } from './pending/epochs';
import { loginLifeOf, MemoryLogins } from './pending/logins';
import { MemorySetups } from './pending/setups';
import { MemoryTries } from './pending/tries';

export interface MemoryPendingOptions extends AcceptLoss {
  /** The clock, ms since 1970. */
  readonly now?: () => number;
  /** The option `loginLife` of `secondFactor`, in ms, if it is longer than the default of 30 days. */
  readonly loginLife?: number;
}

/**
 * Pending state in the memory of this process, for development and tests. A restart signs everybody out, and forgets
 * how many codes were tried and sent.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryPending(options: MemoryPendingOptions = {}): Pending {
  requireAcceptedLoss('memoryPending', options, 'redisPending(client)');
  const { now = Date.now } = options;
  return {
    logins: new MemoryLogins(now, loginLifeOf('memoryPending.loginLife', options)),
    epochs: new MemoryEpochs(now),
    tries: new MemoryTries(now),
    codes: new MemoryCodes(now),
    budgets: memoryBudgets(now),
    setups: new MemorySetups(now),
    /** There are no timers, and the next process starts empty anyway. */
    close: async () => undefined,
  };
}
