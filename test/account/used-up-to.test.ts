import fc from 'fast-check';
import { isUsed, markUsed } from '../../lib/account/used-up-to';
import { aFactor, anAccount, noon, runs } from './an-account';

describe('the replay rule', () => {
  it('refuses what is at or below the newest that was used', () => {
    const factor = aFactor('phone', { usedUpTo: 100 });
    expect([99, 100, 101].map((at) => isUsed(factor, at))).toEqual([true, true, false]);
  });

  it('notes the use at the one factor, and when it was', () => {
    const [phone, tablet] = [aFactor('phone'), aFactor('tablet')];
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
    const phone = aFactor('phone', { usedUpTo: 9 });
    expect(markUsed(anAccount([phone]), phone, 5, noon).factors[0]?.usedUpTo).toBe(9);
  });
});
