import type { Account, Browser, Limits, Sealed } from './account';

/**
 * Records that a browser completed a login, by the digest of its new token; if there are too many, the oldest is dropped.
 *
 * @param known what the account had of this browser: the new token takes its place
 */
export function noteBrowser(
  account: Account,
  digest: Sealed,
  known: readonly Browser[],
  now: number,
  limits: Limits,
): Account {
  const seen: Browser = {
    digest,
    addedAt: Math.min(now, ...known.map(({ addedAt }) => addedAt)),
    lastSeenAt: now,
  };
  const others = account.browsers.filter((browser) => !known.includes(browser));
  // This one goes first whatever the clock says: a clock that was put back must not make it forgotten at once.
  const newest = [seen, ...others.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)];
  return { ...account, browsers: newest.slice(0, limits.browsers) };
}

/** From now on every browser is unknown, including the current one. */
export const forgetBrowsers = (account: Account): Account =>
  account.browsers.length === 0 ? account : { ...account, browsers: [] };
