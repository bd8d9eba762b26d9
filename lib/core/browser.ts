import type { Account, Browser, LaneName, UserId } from '../account/account';
import { noteBrowser } from '../account/browsers';
import { equal, tokenDigest } from '../crypto/digest';
import type { PlannedEvent } from '../events';
import { randomBrowserId, randomBrowserToken } from '../crypto/random';
import type { Scope } from './scope';

/**
 * How many tokens one browser keeps, for as many users: a shared one may have dozens, and a cookie is limited to 4 kB.
 */
export const MOST_TOKENS = 64;

/** What the account knows of this browser. */
export interface Visit {
  /** Browsers seen before have tries of their own. */
  readonly lane: LaneName;
  /** What the account has of it: usually one, or nothing. */
  readonly known: readonly Browser[];
  /** Notes this browser in the save that completes a login or an enrolment. */
  readonly note: (account: Account, now: number, what?: Noting) => Noted;
}

export interface Noting {
  /** It completes a login: if the browser was not known before, that is told. */
  readonly signsIn?: boolean;
}

/** The account, and the tokens the browser is to keep once it is saved. */
export interface Noted {
  readonly account: Account;
  readonly tokens: readonly string[];
  readonly events: readonly PlannedEvent[];
}

/**
 * Looks for the browser that sent these tokens, which may belong to other users or to accounts that forgot them, or be
 * made up. A token the account does not know counts for nothing and is never stored: what is stored is always a token
 * made here, replacing the one that was known. So nobody gets into a browser's lane by planting a token.
 */
export function visitOf(
  account: Account,
  brought: readonly string[],
  scope: Pick<Scope, 'seal' | 'settings' | 'request'>,
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
  const seen = known.map(({ browser }) => browser);
  return {
    lane: seen.length > 0 ? 'known' : 'others',
    known: seen,
    note: (changed, now, { signsIn = false } = {}) => {
      const token = randomBrowserToken();
      const id = seen[0]?.id ?? randomBrowserId();
      const name = scope.request?.browser ?? null;
      const digest = scope.seal.close(tokenDigest(userId, 'browser', token), contextOf(userId));
      const rest = brought.filter((one) => !known.some((pair) => pair.token === one));
      return {
        account: noteBrowser(changed, { id, name, digest }, seen, now, scope.settings.limits),
        tokens: [token, ...rest].slice(0, MOST_TOKENS),
        events: signsIn && seen.length === 0 ? [{ name: 'browser.new', browserId: id }] : [],
      };
    },
  };
}

const contextOf = (user: UserId) => ({ user, factor: '', purpose: 'browser' }) as const;
