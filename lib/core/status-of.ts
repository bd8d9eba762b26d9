import type { Account, UserId } from '../account/account';
import type { RequestState } from '../account/recovery';
import { stoppableRequest } from '../recovery/step';
import { holdUntil } from './contact-hold';
import { isCovered } from './new-browser';
import type { Scope } from './scope';
import { describe, loadAccount, type Holdings } from './status';

/** A request for access that is open, or on hold. Times in ms. */
export interface OpenRequest {
  readonly reference: string;
  readonly state: RequestState;
  readonly startedAt: number;
  /** When access is possible at the earliest; null: it was not approved so far. */
  readonly earliestAt: number | null;
  readonly steps: readonly { readonly at: number; readonly state: RequestState }[];
}

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
  /** Somebody says to have lost everything and asks for access to this account. To be shown on every page; null: nobody does. */
  readonly request: OpenRequest | null;
}

export async function statusOf(scope: Scope, userId: UserId): Promise<AccountStatus> {
  const account = await loadAccount(scope, userId);
  const { recoveredAt = null } = account;
  return {
    ...describe(scope, account),
    newBrowserCovered: await isCovered(scope, account),
    recoveredAt,
    holdUntil: holdUntil(scope, account),
    request: scope.settings.recovery && openRequestOf(account, scope.now()),
  };
}

/** What its owner may know of it. */
export function openRequestOf(account: Account, now: number): OpenRequest | null {
  const request = stoppableRequest(account, now);
  if (!request) return null;
  const { reference, state, startedAt, earliestAt = null, steps } = request;
  return { reference, state, startedAt, earliestAt, steps };
}
