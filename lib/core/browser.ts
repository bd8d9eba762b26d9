import type { Account, Browser, LaneName } from '../account/account';
import { noteBrowser } from '../account/browsers';
import { equal, tokenDigest } from '../crypto/digest';
import type { Scope } from './scope';

/** The browser of the account that holds this token. */
export function knownBrowser(account: Account, token: string | null, scope: Scope): Browser | null {
  if (token === null) return null;
  const given = tokenDigest(account.userId, 'browser', token);
  const matches = account.browsers.map(({ digest }) =>
    equal(given, scope.seal.open(digest, contextOf(account))),
  );
  return account.browsers[matches.indexOf(true)] ?? null;
}

export const laneOf = (browser: Browser | null): LaneName => (browser ? 'known' : 'others');

/** Notes, in the save that completes a login or an enrolment, that the holder of `token` completed it. */
export function noteToken(account: Account, token: string | null, now: number, scope: Scope): Account {
  if (token === null) return account;
  const known = knownBrowser(account, token, scope);
  const digest =
    known?.digest ?? scope.seal.close(tokenDigest(account.userId, 'browser', token), contextOf(account));
  return noteBrowser(account, digest, known, now, scope.settings.limits);
}

const contextOf = (account: Account) => ({ user: account.userId, factor: '', purpose: 'browser' }) as const;
