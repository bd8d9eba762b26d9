import type { Account, Browser, LaneName, UserId } from '../account/account';
import { noteBrowser } from '../account/browsers';
import { equal, tokenDigest } from '../crypto/digest';
import { randomBrowserToken } from '../crypto/random';
import type { Scope } from './scope';

/**
 * How many tokens one browser keeps, for as many users: a shared one may have dozens, and a cookie is limited to 4 kB.
 */
export const MOST_TOKENS = 64;

/** What the account knows of this browser. */
export interface Visit {
  /** Browsers seen before have tries of their own. */
  readonly lane: LaneName;
  /** Notes this browser in the save that completes a login or an enrolment. */
  readonly note: (account: Account, now: number) => Noted;
}

/** The account, and the tokens the browser is to keep once it is saved. */
export interface Noted {
  readonly account: Account;
  readonly tokens: readonly string[];
}

/**
 * Looks for the browser that sent these tokens, which may belong to other users or to accounts that forgot them, or be
 * made up. A token the account does not know counts for nothing and is never stored: what is stored is always a token
 * made here, replacing the one that was known. So nobody gets into a browser's lane by planting a token.
 */
export function visitOf(
  account: Account,
  brought: readonly string[],
  scope: Pick<Scope, 'seal' | 'settings'>,
): Visit {
  const { userId, browsers } = account;
  const given = brought.map((token) => ({ token, digest: tokenDigest(userId, 'browser', token) }));
  const stored = (given.length > 0 ? browsers : []).map((browser) => ({
    browser,
    digest: scope.seal.open(browser.digest, contextOf(userId)),
  }));
  // Every pair is compared, so that the time taken does not reveal which one matches.
  const pairs = given.flatMap(({ token, digest }) =>
    stored.map((one) => ({ token, browser: one.browser, isSame: equal(digest, one.digest) })),
  );
  const known = pairs.filter(({ isSame }) => isSame);
  return {
    lane: known.length > 0 ? 'known' : 'others',
    note: (changed, now) => {
      const token = randomBrowserToken();
      const digest = scope.seal.close(tokenDigest(userId, 'browser', token), contextOf(userId));
      const seen: readonly Browser[] = known.map(({ browser }) => browser);
      const rest = brought.filter((one) => !known.some((pair) => pair.token === one));
      return {
        account: noteBrowser(changed, digest, seen, now, scope.settings.limits),
        tokens: [token, ...rest].slice(0, MOST_TOKENS),
      };
    },
  };
}

const contextOf = (user: UserId) => ({ user, factor: '', purpose: 'browser' }) as const;
