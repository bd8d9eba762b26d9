import fc from 'fast-check';
import type { Account, Browser } from '../../lib/account/account';
import { noteBrowser } from '../../lib/account/browsers';
import { anAccount, limits, noon, runs, sealed } from './an-account';

/** Notes the browser of this name, known or not. */
function note(account: Account, name: string, now: number): Account {
  const known = account.browsers.filter(({ digest }) => digest === name);
  return noteBrowser(account, sealed(name), known, now, limits);
}

const names = (account: Account): string[] => account.browsers.map(({ digest }: Browser) => digest);

describe('known browsers', () => {
  it('are added with the time they came', () => {
    expect(note(anAccount(), 'a', noon).browsers).toEqual([{ digest: 'a', addedAt: noon, lastSeenAt: noon }]);
  });

  it('are seen again, not added again', () => {
    const account = note(note(anAccount(), 'a', noon), 'a', noon + 9);
    expect(account.browsers).toEqual([{ digest: 'a', addedAt: noon, lastSeenAt: noon + 9 }]);
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
