import { countBackupCodes, newBackupCodes, useBackupCode } from '../../lib/account/backup-codes';
import { blankAccount } from '../../lib/account/account';
import { ada, anAccount, noon, sealed } from './an-account';

describe('backup codes in the account', () => {
  it('are all unused when new', () => {
    const set = newBackupCodes([sealed('a'), sealed('b')], noon);
    expect(set).toEqual({
      createdAt: noon,
      codes: [
        { digest: 'a', usedAt: null },
        { digest: 'b', usedAt: null },
      ],
    });
  });

  it('are counted, used ones apart', () => {
    const used = useBackupCode(anAccount(), 3, noon + 5);
    expect(countBackupCodes(used)).toEqual({ left: 9, total: 10, createdAt: noon });
    expect(countBackupCodes(blankAccount(ada))).toBeNull();
  });

  it('keep their digest with the time of use, so that a second use can be told from a wrong code', () => {
    const used = useBackupCode(anAccount(), 3, noon + 5);
    expect(used.backupCodes?.codes[3]).toEqual({ digest: 'code 3', usedAt: noon + 5 });
    expect(used.backupCodes?.codes.filter(({ usedAt }) => usedAt !== null)).toHaveLength(1);
  });

  it('change nothing in an account that has none, or at a position that is not there', () => {
    const none = blankAccount(ada);
    expect(useBackupCode(none, 0, noon)).toBe(none);
    expect(countBackupCodes(useBackupCode(anAccount(), 10, noon))?.left).toBe(10);
  });
});
