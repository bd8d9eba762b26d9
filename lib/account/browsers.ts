import type { Account, Browser, Sealed } from './account';
import type { Limits } from './limits';

/** Notes that a browser completed a login; of too many the one not seen for longest goes. */
export function noteBrowser(
  account: Account,
  digest: Sealed,
  known: Browser | null,
  now: number,
  limits: Limits,
): Account {
  const seen: Browser = { ...(known ?? { digest, addedAt: now }), lastSeenAt: now };
  const others = account.browsers.filter((browser) => browser !== known);
  // This one first whatever its clock says: one that was put back must not make it forgotten at once.
  const newest = [seen, ...others.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)];
  return { ...account, browsers: newest.slice(0, limits.browsers) };
}
