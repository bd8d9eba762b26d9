import type { Account, Browser, BrowserName, Factor, Limits, Remembered, Sealed } from './account';

/** A browser as it is seen now. */
export interface Seen {
  readonly id: string;
  readonly name: BrowserName | null;
  /** Of its new token. */
  readonly digest: Sealed;
  readonly remembered?: Remembered | undefined;
}

/**
 * Records that a browser completed a login; if there are too many, the oldest is dropped.
 *
 * @param known what the account had of it: this takes the place of all of that
 */
export function noteBrowser(
  account: Account,
  { id, name, digest, remembered }: Seen,
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
    ...(remembered && { remembered }),
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

/** From now on each browser is asked again. They stay known. */
const forgetRemembered = (account: Account): Account => ({
  ...account,
  browsers: account.browsers.map(({ remembered: _, ...browser }) => browser),
});

/**
 * A browser is remembered on the strength of what had been proven by then. Any change to that ends it: another epoch, a
 * factor added, removed or suspended, new backup codes, a password reset.
 */
export function withoutOutdatedTrust(before: Account, after: Account): Account {
  const isAsBefore =
    after.epoch === before.epoch &&
    after.backupCodes?.createdAt === before.backupCodes?.createdAt &&
    (!after.resetBy || after.resetBy.at === before.resetBy?.at) &&
    haveSameIds(after.factors, before.factors) &&
    haveSameIds(after.suspended, before.suspended);
  const isConcerned = after.browsers.some(({ remembered }) => remembered);
  return isAsBefore || !isConcerned ? after : forgetRemembered(after);
}

const haveSameIds = (these: readonly Factor[] = [], those: readonly Factor[] = []): boolean =>
  these.length === those.length && these.every(({ id }) => those.some((one) => one.id === id));

/** From now on every browser is unknown, including the current one. */
export function forgetBrowsers(account: Account): Account {
  const { formerBrowsers, ...rest } = account;
  return account.browsers.length === 0 && formerBrowsers === undefined ? account : { ...rest, browsers: [] };
}

/**
 * The same at the word of somebody who has proven nothing. Such a word takes away trust, and no tries: those of strangers
 * can be used up by whoever has the password, and then the owner's own browser would be refused.
 */
export function disownBrowsers(account: Account, { browsers: most }: Pick<Limits, 'browsers'>): Account {
  const { browsers, formerBrowsers = [] } = account;
  if (browsers.length === 0) return account;
  const former = [...browsers.map(({ digest }) => digest), ...formerBrowsers].slice(0, most);
  return { ...account, browsers: [], formerBrowsers: former };
}
