import { entriesOf, freeEntry, isEntryTaken } from '../../lib/account/entries';
import { aFactor, anAccount } from './an-account';

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
