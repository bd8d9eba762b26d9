import fc from 'fast-check';
import type { Account, Browser } from '../../lib/account/account';
import { forgetBrowser, noteBrowser } from '../../lib/account/browsers';
import { anAccount, limits, noon, runs, sealed } from './an-account';

/** Notes the browser of this name, known or not. */
function note(account: Account, name: string, now: number): Account {
  const known = account.browsers.filter(({ digest }) => digest === name);
  const seen = { id: `id of ${name}`, name: null, digest: sealed(name) };
  return noteBrowser(account, seen, known, now, limits);
}

const aBrowser = (name: string, addedAt: number, lastSeenAt: number): Browser => ({
  id: `id of ${name}`,
  name: null,
  digest: sealed(name),
  addedAt,
  lastSeenAt,
});

const names = (account: Account): string[] => account.browsers.map(({ digest }: Browser) => digest);

describe('known browsers', () => {
  it('are added with the time they came', () => {
    expect(note(anAccount(), 'a', noon).browsers).toEqual([aBrowser('a', noon, noon)]);
  });

  it('are seen again, not added again', () => {
    const account = note(note(anAccount(), 'a', noon), 'a', noon + 9);
    expect(account.browsers).toEqual([aBrowser('a', noon, noon + 9)]);
  });

  it('are called what they last said, and keep that name where they say nothing', () => {
    const chrome = { browser: 'Chrome', system: 'Windows' };
    const seen = { id: 'b', name: chrome, digest: sealed('b') };
    const named = noteBrowser(anAccount(), seen, [], noon, limits);
    const silent = noteBrowser(named, { ...seen, name: null }, named.browsers, noon, limits);
    expect(silent.browsers[0]?.name).toEqual(chrome);
    const firefox = { ...chrome, browser: 'Firefox' };
    const changed = noteBrowser(named, { ...seen, name: firefox }, named.browsers, noon, limits);
    expect(changed.browsers[0]?.name).toEqual(firefox);
  });

  it('are forgotten one by one', () => {
    const account = note(note(anAccount(), 'a', noon), 'b', noon);
    expect(names(forgetBrowser(account, 'id of a'))).toEqual(['b']);
    expect(names(forgetBrowser(account, 'id of c'))).toEqual(names(account));
  });

  it('are ten at most: the one not seen for longest goes', () => {
    let account = anAccount();
    for (let at = 0; at < 10; at += 1) account = note(account, `b${at}`, noon + at);
    account = note(account, 'b0', noon + 50);
    account = note(account, 'new', noon + 60);
    expect(names(account).toSorted()).toEqual(
      ['b0', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'b9', 'new'].toSorted(),
    );
  });

  it('keep the one that is here now, even when the clock was put back behind all others', () => {
    let account = anAccount();
    for (let at = 0; at < 10; at += 1) account = note(account, `b${at}`, noon + at);
    expect(names(note(account, 'here', noon - 1_000_000))).toContain('here');
  });

  it('are never more than ten, each once, the newest always among them', () => {
    const visits = fc.array(fc.tuple(fc.nat(14), fc.integer({ min: -100, max: 100 })), { maxLength: 60 });
    fc.assert(
      fc.property(visits, (all) => {
        let account = anAccount();
        for (const [name, move] of all) {
          account = note(account, `b${name}`, noon + move);
          expect(account.browsers.length).toBeLessThanOrEqual(10);
          expect(new Set(names(account)).size).toBe(account.browsers.length);
          expect(names(account)).toContain(`b${name}`);
        }
      }),
      { numRuns: runs(200) },
    );
  });
});
