import { oddsPerYear } from '../../lib/account/odds';
import { isClosed, laneAt, nextTryAt, spendTry } from '../../lib/account/tries';
import { days } from '../support/clock';
import { anAccount, limits, noon } from './an-account';

/** mulberry32: the same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One who has the password and guesses at every try there is, from a lane that is full, for a year. */
function guessForAYear(guess: () => boolean, closes = Infinity): { guesses: number; isIn: boolean } {
  let account = anAccount();
  let now = noon;
  let guesses = 0;
  const rules = { ...limits, laneCloses: closes };
  while (now <= noon + 365 * days) {
    const lane = laneAt(account.lanes.others, now, rules);
    if (isClosed(lane, rules)) break;
    if (lane.left === 0) {
      now = nextTryAt(lane, rules);
      continue;
    }
    guesses += 1;
    if (guess()) return { guesses, isIn: true };
    account = spendTry(account, 'others', now, rules);
  }
  return { guesses, isIn: false };
}

describe('an attacker’s odds', () => {
  it('are 0.11 % a year for one app and 0.34 % for three, as documented', () => {
    expect(oddsPerYear()).toBeCloseTo(0.001_124, 6);
    expect(oddsPerYear({ apps: 3 })).toBeCloseTo(0.003_369, 6);
    expect(oddsPerYear()).toBeLessThan((10 + 365) * 3e-6);
  });

  it('are made of as many guesses as the rules let through in a year', () => {
    const { guesses } = guessForAYear(() => false);
    expect(guesses).toBe(10 + 365);
    expect(oddsPerYear({ steps: 1, digits: 8 })).toBeCloseTo(guesses / 1e8, 10);
  });

  it('are an upper bound: a lane closes at a hundred', () => {
    expect(guessForAYear(() => false, 100).guesses).toBe(100);
  });

  it('agree with a simulation of the rules', () => {
    const random = seeded(6238);
    const odds = oddsPerYear({ digits: 3, steps: 1 });
    const rounds = 400;
    const right = 1 / 1000;
    const won = Array.from({ length: rounds }, () => guessForAYear(() => random() < right).isIn).filter(
      Boolean,
    );
    const deviation = Math.sqrt((odds * (1 - odds)) / rounds);
    expect(Math.abs(won.length / rounds - odds)).toBeLessThan(4 * deviation);
  });

  it('follow every option', () => {
    expect(oddsPerYear({ laneTries: 1, laneRefill: 365 * days, steps: 1, digits: 1 })).toBeCloseTo(0.19, 10);
    expect(oddsPerYear({ laneTries: 20 })).toBeGreaterThan(oddsPerYear());
    expect(oddsPerYear({ laneRefill: 12 * 3_600_000 })).toBeGreaterThan(oddsPerYear());
    expect(oddsPerYear({ steps: 1 })).toBeLessThan(oddsPerYear());
    expect(oddsPerYear({ digits: 8 })).toBeLessThan(oddsPerYear());
  });
});
