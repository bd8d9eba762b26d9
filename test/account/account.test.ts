import fc from 'fast-check';
import { blankAccount, moveEpoch } from '../../lib/account/account';
import { ada, anAccount, noon, runs } from './an-account';

describe('the epoch', () => {
  it('is 0 where nothing was ever stored', () => {
    expect(blankAccount(ada).epoch).toBe(0);
  });

  it('moves to now', () => {
    expect(moveEpoch(anAccount(), noon).epoch).toBe(noon);
  });

  it('moves on even when the clock is behind it or stands still', () => {
    expect(moveEpoch(anAccount([], { epoch: noon }), noon).epoch).toBe(noon + 1);
    expect(moveEpoch(anAccount([], { epoch: noon + 500 }), noon).epoch).toBe(noon + 501);
  });

  it('never comes to a value twice, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 }), (clock) => {
        let account = blankAccount(ada);
        const epochs = clock.map((now) => (account = moveEpoch(account, now)).epoch);
        expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
      }),
      { numRuns: runs(200) },
    );
  });

  it('of an account that was deleted and made anew does not fall behind what an old login carries', () => {
    const old = moveEpoch(anAccount(), noon);
    expect(moveEpoch(blankAccount(ada), noon + 1).epoch).toBeGreaterThan(old.epoch);
  });
});
