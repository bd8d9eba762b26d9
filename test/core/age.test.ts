import { isLasting, isYoung } from '../../lib/core/age';

describe('How old something is', () => {
  it('is young up to its age, and not a moment longer', () => {
    expect([999, 1000, 1001].map((now) => isYoung(0, 1000, now))).toEqual([true, true, false]);
  });

  it('lasts until the moment people were told, and not at it', () => {
    expect([999, 1000, 1001].map((now) => isLasting(0, 1000, now))).toEqual([true, false, false]);
  });

  it('is neither when it was made by a clock that was far ahead', () => {
    expect([60_000, 60_001].map((at) => isYoung(at, 1000, 0))).toEqual([true, false]);
    expect([60_000, 60_001].map((at) => isLasting(at, 1000, 0))).toEqual([true, false]);
  });
});
