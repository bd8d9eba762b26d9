import type { Account, Browser, BrowserName, Limits, Sealed } from './account';

/** A browser as it is seen now. */
export interface Seen {
  readonly id: string;
  readonly name: BrowserName | null;
  /** Of its new token. */
  readonly digest: Sealed;
}

/**
 * Records that a browser completed a login; if there are too many, the oldest is dropped.
 *
 * @param known what the account had of it: this takes the place of all of that
 */
export function noteBrowser(
  account: Account,
  { id, name, digest }: Seen,
  known: readonly Browser[],
  now: number,
  limits: Limits,
): Account {
  const isKnown = (browser: Browser): boolean => known.some((one) => one.id === browser.id);
  const seen: Browser = {
    id,
    name: name ?? known[0]?.name ?? null,
    digest,
    addedAt: Math.min(now, ...known.map(({ addedAt }) => addedAt)),
    lastSeenAt: now,
  };
  const others = account.browsers.filter((browser) => !isKnown(browser));
  // This one goes first whatever the clock says: a clock that was put back must not make it forgotten at once.
  const newest = [seen, ...others.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)];
  return { ...account, browsers: newest.slice(0, limits.browsers) };
}

export const forgetBrowser = (account: Account, id: string): Account => ({
  ...account,
  browsers: account.browsers.filter((browser) => browser.id !== id),
});

/** From now on every browser is unknown, including the current one. */
export const forgetBrowsers = (account: Account): Account =>
  account.browsers.length === 0 ? account : { ...account, browsers: [] };
