import type { Budget, Pending, Taken } from '../../../lib/stores/contracts';
import { overridePending } from '../../support/override';

/**
 * A store as Redis is one: commands that are sent together are still single steps, and those of others can
 * come between them.
 */
export const pipelined = (inner: Pending): Pending => {
  const inTurn = oneAfterTheOther();
  return overridePending(inner, {
    logins: {
      read: (...given) => inTurn(() => inner.logins.read(...given)),
      write: async (key, login, user, life, replaces) => {
        await inner.logins.write(key, login, user, life, null);
        // The same record once more: nobody can have removed it, as nobody knows of it before the old one says so.
        return replaces !== null && (await inner.logins.write(key, login, user, life, replaces));
      },
    },
    epochs: { read: (user) => inTurn(() => inner.epochs.read(user)) },
    tries: { count: (...given) => inTurn(() => inner.tries.count(...given)) },
    codes: { read: (id) => inTurn(() => inner.codes.read(id)) },
    budgets: {
      take: async (budgets) => {
        const taken: Budget[] = [];
        let refused: Taken = { ok: true };
        for (const budget of budgets) {
          const one = await inner.budgets.take([budget]);
          if (one.ok) taken.push(budget);
          else if (refused.ok || one.waitMs > refused.waitMs) refused = one;
        }
        if (!refused.ok) await inner.budgets.giveBack(taken);
        return refused;
      },
    },
  });
};

/** What is asked in one tick, in the order in which it was. */
function oneAfterTheOther(): <T>(ask: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> | null = null;
  return (ask) => {
    if (before === null) queueMicrotask(() => (before = null));
    const answer = before === null ? ask() : before.then(ask);
    before = answer;
    return answer;
  };
}
