import type { Account, Browser, LaneName, Remembered, Sealed, UserId } from '../account/account';
import { forgetBrowser, noteBrowser } from '../account/browsers';
import { equal, tokenDigest } from '../crypto/digest';
import { randomBrowserId, randomBrowserToken, tokenAfter, tokenFamily } from '../crypto/random';
import type { PlannedEvent } from '../events';
import { superseded } from '../recovery/step';
import { isParallel, rememberedUntil } from './remembered';
import type { Scope } from './scope';

/**
 * How many tokens one browser keeps, for as many users: a shared one may have dozens, and a cookie is limited to 4 kB.
 */
export const MOST_TOKENS = 64;

/** What the account knows of this browser. */
export interface Visit {
  /** Browsers seen before have tries of their own. It says no more than that: whether one is trusted, `known` says. */
  readonly lane: LaneName;
  /** The account's entries for it: usually one, or none. */
  readonly known: readonly Browser[];
  /** It need not be asked for a second factor; null: it must. */
  readonly remembered: Browser | null;
  /** Remembered browsers of which a token came that was replaced before: there is a copy. */
  readonly copied: readonly Browser[];
  /** Notes this browser in the save that completes a login or an enrolment. */
  readonly note: (account: Account, now: number, what?: Noting) => Noted;
}

export interface Noting {
  /** It completes a login: if the browser was not known before, its user is told. */
  readonly signsIn?: boolean;
  /** Its user chose not to be asked in it again. */
  readonly remember?: boolean;
}

/** The account, and the tokens the browser is to keep once it is saved. */
export interface Noted {
  readonly account: Account;
  /** null: those that it has. */
  readonly tokens: readonly string[] | null;
  readonly events: readonly PlannedEvent[];
}

type VisitScope = Pick<Scope, 'seal' | 'settings' | 'request' | 'now'>;

/**
 * Looks for the browser that sent these tokens, which may belong to other users or to accounts that forgot them, or be
 * made up. A token the account does not know counts for nothing and is never stored: what is stored is always a token
 * made here, replacing the one that was known. So nobody gets into a browser's lane by planting a token.
 */
export function visitOf(account: Account, brought: readonly string[], scope: VisitScope): Visit {
  const { userId } = account;
  const { settings } = scope;
  const pairs = pairsOf(account, brought, scope);
  const present = pairs.filter(({ is }) => is === 'present');
  // Another tab has just got the token that takes its place.
  const parallel = pairs.filter(({ is }) => is === 'parallel');
  const known = [...present, ...parallel].map(({ browser }) => browser);
  const copied = pairs.filter(({ is }) => is === 'outdated').map(({ browser }) => browser);
  const isAsked = (browser: Browser) => rememberedUntil(browser, settings, scope.now()) === null;
  const remembered = copied.length > 0 ? null : (known.find((browser) => !isAsked(browser)) ?? null);
  const former = formerOf(account, brought, scope);

  /** Whoever gets in by what was there before needs no other access. */
  function note(changed: Account, now: number, what: Noting = {}): Noted {
    if (!what.signsIn) return noteBrowserIn(changed, now, what);
    const { account: ended, events } = superseded(settings.recovery, changed, now);
    const noted = noteBrowserIn(ended, now, what);
    return { ...noted, events: [...events, ...noted.events] };
  }

  function noteBrowserIn(
    changed: Account,
    now: number,
    { signsIn = false, remember = false }: Noting,
  ): Noted {
    if (present.length === 0 && parallel.length > 0) return { account: changed, tokens: null, events: [] };
    const isRemembered = remember && settings.rememberBrowser !== null && !changed.resetBy;
    const isOver = isRemembered || copied.length > 0;
    const goesOn = isOver ? undefined : present.find(({ browser }) => !isAsked(browser));
    const token = goesOn ? tokenAfter(goesOn.token) : randomBrowserToken();
    const id = present[0]?.browser.id ?? randomBrowserId();
    const name = scope.request?.browser ?? null;
    const sealed = (text: string) =>
      scope.seal.close(tokenDigest(userId, 'browser', text), contextOf(userId));
    const seen = {
      id,
      name,
      digest: sealed(token),
      remembered: isRemembered
        ? { since: now, until: now + settings.rememberBrowser, family: sealed(tokenFamily(token)) }
        : goesOn && continued(goesOn, now),
    };
    const noted = noteBrowser(withoutCopied(changed, copied), seen, known, now, settings.limits);
    const isDead = (one: string) =>
      former.tokens.has(one) || pairs.some((pair) => pair.is !== null && pair.token === one);
    return {
      account: former.leave(noted),
      tokens: [token, ...brought.filter((one) => !isDead(one))].slice(0, MOST_TOKENS),
      events: [
        ...copied.map(toldCopied),
        ...(signsIn && known.length === 0 ? [{ name: 'browser.new', browserId: id } as const] : []),
        ...(isRemembered ? [{ name: 'browser.remembered', browserId: id } as const] : []),
      ],
    };
  }

  const lane = known.length > 0 || former.tokens.size > 0 ? 'known' : 'others';
  return { lane, known, remembered, copied, note };
}

/** Which of these tokens are of browsers that were forgotten at the word of somebody who had proven nothing. */
function formerOf(account: Account, brought: readonly string[], { seal }: VisitScope) {
  const { userId, formerBrowsers = [] } = account;
  const given = brought.map((token) => ({ token, digest: tokenDigest(userId, 'browser', token) }));
  const pairs = (given.length > 0 ? formerBrowsers : []).flatMap((sealed) => {
    const digest = seal.open(sealed, contextOf(userId));
    return given.map((one) => ({ sealed, token: one.token, isSame: equal(one.digest, digest) }));
  });
  const found = pairs.filter(({ isSame }) => isSame);
  const isFound = (sealed: Sealed): boolean => found.some((one) => one.sealed === sealed);

  /** Without those that are known anew. */
  function leave(changed: Account): Account {
    if (found.length === 0) return changed;
    const { formerBrowsers: before = [], ...rest } = changed;
    const left = before.filter((sealed) => !isFound(sealed));
    return { ...rest, ...(left.length > 0 && { formerBrowsers: left }) };
  }

  return { tokens: new Set(found.map(({ token }) => token)), leave };
}

interface Pair {
  readonly token: string;
  readonly browser: Browser;
  /** null: it is not one of this browser's. */
  readonly is: 'present' | 'parallel' | 'outdated' | null;
}

/** Every pair is compared, so that the time taken does not reveal which one matches. */
function pairsOf({ userId, browsers }: Account, brought: readonly string[], scope: VisitScope): Pair[] {
  const open = (sealed: Sealed) => scope.seal.open(sealed, contextOf(userId));
  const digestOf = (text: string) => tokenDigest(userId, 'browser', text);
  const given = brought.map((token) => ({
    token,
    digest: digestOf(token),
    family: digestOf(tokenFamily(token)),
  }));
  const stored = (given.length > 0 ? browsers : []).map((browser) => {
    const isAsked = rememberedUntil(browser, scope.settings, scope.now()) === null;
    const { previous, family } = (isAsked ? undefined : browser.remembered) ?? {};
    return {
      browser,
      digest: open(browser.digest),
      family: family && open(family),
      parallel: previous && isParallel(previous.at, scope.now()) ? open(previous.digest) : undefined,
    };
  });
  return given.flatMap(({ token, digest, family: familyGiven }) =>
    stored.map(({ browser, digest: present, parallel, family }) => {
      const isPresent = equal(digest, present);
      const isParallelToken = parallel !== undefined && equal(digest, parallel);
      const isOfFamily = family !== undefined && equal(familyGiven, family);
      const before = isParallelToken ? 'parallel' : isOfFamily && 'outdated';
      return { token, browser, is: isPresent ? 'present' : before || null };
    }),
  );
}

/** What is remembered goes on under the next token, for as long as before. */
const continued = ({ browser: { remembered, digest } }: Pair, now: number): Remembered | undefined =>
  remembered && { ...remembered, previous: { digest, at: now } };

export const withoutCopied = (account: Account, copied: readonly Browser[]): Account =>
  copied.reduce((left, { id }) => forgetBrowser(left, id), account);

export const toldCopied = ({ id }: Browser): PlannedEvent => ({ name: 'browser.copied', browserId: id });

const contextOf = (user: UserId) => ({ user, factor: '', purpose: 'browser' }) as const;
