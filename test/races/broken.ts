import type { Accounts, Pending } from '../../lib';
import { override, overridePending } from '../support/override';

/** An account store that saves over whatever is there. */
export const savesOver = (inner: Accounts): Accounts =>
  override(inner, {
    save: async (account) => inner.save(account, (await inner.load(account.userId))?.rev ?? null),
  });

/** Records that are replaced by anybody: otherwise a half login is completed once, whatever the account says. */
export const replacesAny = (inner: Pending): Pending =>
  overridePending(inner, {
    logins: {
      write: async (...given) => {
        await inner.logins.write(...given);
        return true;
      },
    },
  });

/** A counter that is read, and written after that. */
export const countsLate = (inner: Pending): Pending =>
  overridePending(inner, {
    tries: {
      count: async (id, life) => {
        const { count } = await inner.tries.read(id);
        await inner.tries.count(id, life);
        return count + 1;
      },
    },
  });
