import fc from 'fast-check';
import {
  addFactor,
  enrolledTypes,
  entriesOf,
  type FactorChange,
  factorOf,
  freeEntry,
  isEntryTaken,
  isLabelTaken,
  isUsed,
  markUsed,
  owesFactor,
  preferFactor,
  removeFactor,
  renameFactor,
} from '../../lib/account/factors';
import { type Account, blankAccount, type TotpFactor } from '../../lib/account/account';
import { countBackupCodes, newBackupCodes } from '../../lib/account/backup-codes';
import { ada, aFactor, anAccount, factorId, limits, noon, runs, sealed } from './an-account';

function accountOf(change: FactorChange): Account {
  if (!change.ok) throw new Error(change.code);
  return change.account;
}

const phone = aFactor('phone');
const tablet = aFactor('tablet');
const codes = newBackupCodes([sealed('new 1'), sealed('new 2')], noon);

describe('adding a factor', () => {
  it('switches two-factor on with the first one: its codes come with it and the epoch moves', () => {
    const account = addFactor(blankAccount(ada), phone, codes, noon);
    expect(account).toMatchObject({ factors: [phone], backupCodes: codes, epoch: noon });
    expect(owesFactor(account)).toBe(true);
  });

  it('leaves epoch and codes alone with a further one, since nothing changes in what is owed', () => {
    const before = anAccount([phone]);
    const account = addFactor(before, tablet, null, noon);
    expect(account.factors).toEqual([phone, tablet]);
    expect(account.epoch).toBe(before.epoch);
    expect(account.backupCodes).toBe(before.backupCodes);
  });

  it('keeps the order in which factors came', () => {
    const account = [phone, tablet, aFactor('watch')].reduce<Account>(
      (all, factor) => addFactor(all, factor, null, noon),
      blankAccount(ada),
    );
    expect(account.factors.map(({ id }) => id)).toEqual(['phone', 'tablet', 'watch']);
    expect(enrolledTypes(account)).toEqual(['totp']);
  });
});

describe('removing a factor', () => {
  it('takes that one, moves the epoch and leaves the codes while another factor is left', () => {
    const account = accountOf(
      removeFactor(anAccount([phone, tablet]), phone.id, noon, limits, [phone, tablet]),
    );
    expect(account.factors).toEqual([tablet]);
    expect(account.epoch).toBe(noon);
    expect(countBackupCodes(account)).toEqual({ left: 10, total: 10, createdAt: noon });
  });

  it('takes the backup codes with the last one: two-factor is off', () => {
    const account = accountOf(removeFactor(anAccount([phone]), phone.id, noon, limits, [phone]));
    expect(account).toMatchObject({ factors: [], backupCodes: null, epoch: noon });
    expect(owesFactor(account)).toBe(false);
  });

  it('takes all that is left with the last one that lets its user in', () => {
    const before = anAccount([phone, tablet]);
    const account = accountOf(removeFactor(before, phone.id, noon, limits, [phone]));
    expect(account).toMatchObject({ factors: [], backupCodes: null, epoch: noon });
  });

  it('takes one that lets nobody in whatever must stay, unless it is the only one', () => {
    const kept = { ...limits, keepFactors: 2 };
    const both = anAccount([phone, tablet]);
    expect(accountOf(removeFactor(both, tablet.id, noon, kept, [phone])).factors).toEqual([phone]);
    expect(removeFactor(anAccount([tablet]), tablet.id, noon, kept, [])).toMatchObject({
      code: 'last_factor',
    });
  });

  it('forgets that it was the preferred one, and only then', () => {
    const account = anAccount([phone, tablet], { preferred: phone.id });
    expect(accountOf(removeFactor(account, phone.id, noon, limits, [phone, tablet])).preferred).toBeNull();
    expect(accountOf(removeFactor(account, tablet.id, noon, limits, [phone, tablet])).preferred).toBe(
      phone.id,
    );
  });

  it.each([
    [1, 1, 'last_factor'],
    [2, 1, 'ok'],
    [2, 2, 'last_factor'],
    [3, 2, 'ok'],
    [1, 0, 'ok'],
    [1, 3, 'last_factor'],
  ])('with %d factors of which %d must stay answers %s', (count, keepFactors, expected) => {
    const factors = [phone, tablet, aFactor('watch')].slice(0, count);
    const change = removeFactor(anAccount(factors), phone.id, noon, { ...limits, keepFactors }, factors);
    expect(change.ok ? 'ok' : change.code).toBe(expected);
  });

  it('knows no factor that is not in this account, and says so before any policy', () => {
    const change = removeFactor(anAccount([phone]), factorId('bob’s'), noon, { ...limits, keepFactors: 1 }, [
      phone,
    ]);
    expect(change).toEqual({ ok: false, code: 'not_found' });
  });
});

describe('naming a factor', () => {
  it('changes the name and nothing else', () => {
    const before = anAccount([phone, tablet]);
    const account = accountOf(renameFactor(before, phone.id, 'Pixel 9'));
    expect(account).toEqual({ ...before, factors: [{ ...phone, label: 'Pixel 9' }, tablet] });
  });

  it('changes nothing for the name it has', () => {
    const account = anAccount([phone]);
    expect(accountOf(renameFactor(account, phone.id, 'phone'))).toBe(account);
  });

  it('lets one change the capitals of its own name', () => {
    const account = accountOf(renameFactor(anAccount([phone]), phone.id, 'Phone'));
    expect(account.factors[0]?.label).toBe('Phone');
  });

  it.each(['tablet', 'TABLET', 'ｔａｂｌｅｔ'])('refuses %s when another has that name', (label) => {
    expect(renameFactor(anAccount([phone, tablet]), phone.id, label)).toEqual({
      ok: false,
      code: 'duplicate',
      field: 'label',
    });
  });

  it('does not find a factor that is not in this account', () => {
    expect(renameFactor(anAccount([phone]), factorId('x'), 'y')).toEqual({ ok: false, code: 'not_found' });
  });

  it('takes names for the same that look the same', () => {
    const account = anAccount([aFactor('1', { label: 'Café' })]);
    expect(isLabelTaken(account, 'totp', 'CAFE\u0301')).toBe(true);
    expect(isLabelTaken(account, 'totp', 'Cafe')).toBe(false);
    expect(isLabelTaken(account, 'webauthn', 'Café')).toBe(false);
  });
});

describe('preferring a factor', () => {
  const account = anAccount([phone, tablet], { preferred: phone.id });

  it('puts it in the place of the one preferred before', () => {
    expect(accountOf(preferFactor(account, tablet.id, true)).preferred).toBe(tablet.id);
  });

  it('takes only its own preference back', () => {
    expect(accountOf(preferFactor(account, phone.id, false)).preferred).toBeNull();
    expect(accountOf(preferFactor(account, tablet.id, false))).toBe(account);
  });

  it('changes nothing where it is preferred already', () => {
    expect(accountOf(preferFactor(account, phone.id, true))).toBe(account);
  });

  it('does not find a factor that is not in this account', () => {
    expect(preferFactor(account, factorId('x'), true)).toEqual({ ok: false, code: 'not_found' });
  });
});

describe('any sequence of factor changes', () => {
  const names = ['a', 'b', 'c', 'd'];
  const id = fc.constantFrom(...names).map(factorId);
  const change = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), id }),
    fc.record({ kind: fc.constant('remove' as const), id }),
    fc.record({ kind: fc.constant('rename' as const), id, label: fc.constantFrom('a', 'B', 'x') }),
    fc.record({ kind: fc.constant('prefer' as const), id, on: fc.boolean() }),
  );

  it('moves the epoch exactly when a first factor comes or any goes, and always forwards', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.nat(2),
        fc.nat(5),
        (changes, keepFactors, start) => {
          let account: Account = { ...blankAccount(ada), epoch: noon + start };
          for (const one of changes) {
            const before = account;
            const isNew =
              one.kind === 'add' && !factorOf(before, one.id) && !isLabelTaken(before, 'totp', one.id);
            if (isNew) account = addFactor(before, aFactor(one.id), codes, noon);
            if (one.kind !== 'add') {
              const done = apply(before, one, keepFactors);
              if (done.ok) account = done.account;
            }
            const gained = before.factors.length === 0 && account.factors.length > 0;
            const lost = account.factors.length < before.factors.length;
            expect(account.epoch > before.epoch).toBe(gained || lost);
            expect(account.epoch).toBe(gained || lost ? Math.max(before.epoch + 1, noon) : before.epoch);
            checkWhole(account, before, keepFactors);
          }
        },
      ),
      { numRuns: runs(100) },
    );
  });

  function apply(
    account: Account,
    one: { kind: 'remove' | 'rename' | 'prefer'; id: TotpFactor['id']; label?: string; on?: boolean },
    keepFactors: number,
  ): FactorChange {
    if (one.kind === 'remove')
      return removeFactor(account, one.id, noon, { ...limits, keepFactors }, account.factors);
    if (one.kind === 'rename') return renameFactor(account, one.id, one.label ?? '');
    return preferFactor(account, one.id, one.on ?? false);
  }

  /** What holds of every account that rules have made. */
  function checkWhole(account: Account, before: Account, keepFactors: number): void {
    const ids = account.factors.map((factor) => factor.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(account.preferred === null || ids.includes(account.preferred)).toBe(true);
    expect(account.backupCodes === null).toBe(!owesFactor(account));
    const folded = account.factors.map(({ label }) => label.toLowerCase());
    expect(new Set(folded).size).toBe(folded.length);
    const isRemoved = account.factors.length < before.factors.length;
    expect(isRemoved && account.factors.length < keepFactors).toBe(false);
  }
});

describe('the replay rule', () => {
  it('refuses what is at or below the newest that was used', () => {
    const factor = aFactor('phone', { usedUpTo: 100 });
    expect([99, 100, 101].map((at) => isUsed(factor, at))).toEqual([true, true, false]);
  });

  it('notes the use at the one factor, and when it was', () => {
    const account = markUsed(anAccount([phone, tablet]), phone, 7, noon);
    expect(account.factors).toEqual([{ ...phone, usedUpTo: 7, lastUsedAt: noon }, tablet]);
  });

  it('accepts each once and never goes back, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (proofs) => {
        let account = anAccount([aFactor('phone')]);
        const accepted: number[] = [];
        for (const at of proofs) {
          const [factor] = account.factors;
          if (!factor || isUsed(factor, at)) continue;
          account = markUsed(account, factor, at, noon);
          accepted.push(at);
        }
        expect(accepted).toEqual([...new Set(accepted)].toSorted((a, b) => a - b));
      }),
      { numRuns: runs(200) },
    );
  });

  it('never lowers its mark', () => {
    const used = aFactor('phone', { usedUpTo: 9 });
    expect(markUsed(anAccount([used]), used, 5, noon).factors[0]?.usedUpTo).toBe(9);
  });
});

const withEntries = (...entries: (string | undefined)[]) =>
  anAccount(entries.map((entry, at) => aFactor(`app-${at}`, entry === undefined ? {} : { entry })));

describe('the entry of an app', () => {
  it.each([
    [[], ''],
    [[undefined], '2'],
    [[undefined, '2'], '3'],
    // The first one was removed: what is left of it in a phone opens nothing and may be replaced.
    [['2'], ''],
    [[undefined, '3'], '2'],
    [['Tablet'], ''],
    [['Tablet', undefined], '2'],
    // Two of the time before entries were told apart, or imported.
    [[undefined, undefined], '2'],
  ])('beside %j is %j', (entries, expected) => {
    expect(freeEntry(withEntries(...entries))).toBe(expected);
  });

  it('is taken in any spelling that looks alike', () => {
    const account = withEntries('Tablet', undefined);
    expect(['tablet', 'ＴＡＢＬＥＴ', ''].map((entry) => isEntryTaken(account, entry))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isEntryTaken(account, 'Phone')).toBe(false);
    expect(entriesOf(account)).toEqual(['Tablet', '']);
  });
});
