import type { UserId } from '../account/account';
import { holdUntil } from './contact-hold';
import { isCovered } from './new-browser';
import type { Scope } from './scope';
import { describe, loadAccount, type Holdings } from './status';

export interface AccountStatus extends Holdings {
  /**
   * Whether a code from a browser never seen before always waits for a link (`newBrowser: 'confirm'`). false: for one of
   * the ways to sign in there is no second address where the link could go, so the code alone is enough.
   */
  readonly newBrowserCovered: boolean;
  /** When access was given again to somebody who had lost everything (ms); null: never. */
  readonly recoveredAt: number | null;
  /** Until when payouts and changes of address should wait after that (ms); null: they need not. */
  readonly holdUntil: number | null;
}

export async function statusOf(scope: Scope, userId: UserId): Promise<AccountStatus> {
  const account = await loadAccount(scope, userId);
  const { recoveredAt = null } = account;
  return {
    ...describe(scope, account),
    newBrowserCovered: await isCovered(scope, account),
    recoveredAt,
    holdUntil: holdUntil(scope, account),
  };
}
