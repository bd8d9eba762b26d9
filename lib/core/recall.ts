import type { Account } from '../account/account';
import { owesFactor } from '../account/factors';
import { toldCopied, visitOf, withoutCopied } from './browser';
import type { Scope } from './scope';
import { unchanged, update } from './update';

/** A login in a browser that is remembered. */
export interface Recalled {
  readonly account: Account;
  readonly browserId: string;
  /** What the browser is to keep in its cookie; null: what it has. */
  readonly tokens: readonly string[] | null;
}

export interface Recall {
  /** null: a factor is owed. */
  readonly recalled: Recalled | null;
  /** Browsers that were forgotten because a copy of their cookie turned up. */
  readonly copied: readonly string[];
}

const nothing: Recall = { recalled: null, copied: [] };

/**
 * Whether this user need not be asked in this browser. Its token is replaced in the save that decides it. If a token
 * comes that was replaced a while ago, either it or its successor is a copy, so neither counts any more. It is no
 * proof, and satisfies nothing that asks for one.
 *
 * @param account as loaded a moment ago; whether there is anything to decide
 */
export async function recall(scope: Scope, account: Account, tokens: readonly string[]): Promise<Recall> {
  if (scope.settings.rememberBrowser === null || !isConcerned(scope, account, tokens)) return nothing;
  return update<Recall>(scope, account.userId, (current, now) => {
    const { remembered, copied, note } = visitOf(current, tokens, scope);
    if (copied.length > 0)
      return {
        account: withoutCopied(current, copied),
        outcome: { recalled: null, copied: copied.map(({ id }) => id) },
        events: copied.map(toldCopied),
      };
    if (!remembered || !owesFactor(current) || current.resetBy) return unchanged(nothing);
    const { account: noted, tokens: kept } = note(current, now);
    const recalled = { account: noted, browserId: remembered.id, tokens: kept };
    const outcome = { recalled, copied: [] };
    // In a tab beside the one that got the new token.
    return noted === current ? unchanged(outcome) : { account: noted, outcome };
  });
}

function isConcerned(scope: Scope, account: Account, tokens: readonly string[]): boolean {
  const { remembered, copied } = visitOf(account, tokens, scope);
  return remembered !== null || copied.length > 0;
}
