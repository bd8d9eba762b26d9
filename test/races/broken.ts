import type { Accounts, Pending } from '../../lib';
import { override } from './world/pipelined';

/** An account store that saves over whatever is there. */
export const savesOver = (inner: Accounts): Accounts =>
  override(inner, {
    save: async (account) => inner.save(account, (await inner.load(account.userId))?.rev ?? null),
  });

/** Records that are replaced by anybody: otherwise a half login is completed once, whatever the account says. */
export const replacesAny = (inner: Pending): Pending =>
  override(inner, {
    writeLogin: async (...given) => {
      await inner.writeLogin(...given);
      return true;
    },
  });
