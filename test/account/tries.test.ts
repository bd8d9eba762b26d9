import fc from 'fast-check';
import { freshLane, type Lane } from '../../lib/account/account';
import { giveBackTries, isClosed, laneAt, nextTryAt, reopenLanes, spendTry } from '../../lib/account/tries';
import { days, hours } from '../support/clock';
import { anAccount, limits, noon, runs } from './an-account';

const lane = (given: Partial<Lane> = {}): Lane => ({ left: 10, at: noon, wrong: 0, ...given });
const others = (given: Partial<Lane>) => anAccount([], { lanes: { known: freshLane, others: lane(given) } });

/** Another way to say the same rule: a wall clock on which tries come back one by one. */
class Bucket {
  private left = limits.laneTries;
  private nextAt = Infinity;

  at(now: number): number {
    if (this.left < limits.laneTries) this.nextAt = Math.min(this.nextAt, now + limits.laneRefill);
    while (this.left < limits.laneTries && this.nextAt <= now) {
      this.left += 1;
      this.nextAt += limits.laneRefill;
    }
    return this.left;
  }

  spend(now: number): void {
    if (this.at(now) === limits.laneTries) this.nextAt = now + limits.laneRefill;
    this.left -= 1;
  }
}

describe('a lane', () => {
  it('is full for a user whom nobody has guessed at', () => {
    expect(laneAt(freshLane, noon, limits).left).toBe(10);
  });

  it('holds fewer tries at once when the limits are lowered', () => {
    expect(laneAt(lane({ left: 10 }), noon, { ...limits, laneTries: 3 }).left).toBe(3);
  });

  it('loses one try a wrong guess and is empty after ten', () => {
    let account = anAccount();
    const seen = [];
    for (let guess = 0; guess < 11; guess += 1) {
      account = spendTry(account, 'others', noon, limits);
      seen.push(account.lanes.others.left);
    }
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  });

  it('leaves the other lane alone', () => {
    const account = anAccount();
    expect(spendTry(account, 'others', noon, limits).lanes.known).toBe(account.lanes.known);
    expect(spendTry(account, 'known', noon, limits).lanes.others).toBe(account.lanes.others);
  });

  it('gets a try back 24 h after the first guess, to the millisecond, and no second one', () => {
    const empty = lane({ left: 0 });
    expect(laneAt(empty, noon + days - 1, limits).left).toBe(0);
    expect(laneAt(empty, noon + days, limits).left).toBe(1);
    expect(laneAt(empty, noon + 2 * days - 1, limits).left).toBe(1);
    expect(laneAt(empty, noon + 400 * days, limits).left).toBe(10);
  });

  it('keeps the part of a day that has passed', () => {
    const account = spendTry(others({ left: 5 }), 'others', noon + 36 * hours, limits);
    // One came back after 24 h, one was spent; the next comes at 48 h, not 24 h after this guess.
    expect(account.lanes.others.left).toBe(5);
    expect(nextTryAt(account.lanes.others, limits)).toBe(noon + 48 * hours);
  });

  it('names the same time for the next try however often one looks (django-otp #87)', () => {
    const empty = lane({ left: 0 });
    const promised = [0, 1, 5 * hours, days - 1].map((passed) =>
      nextTryAt(laneAt(empty, noon + passed, limits), limits),
    );
    expect(new Set(promised)).toEqual(new Set([noon + days]));
  });

  it('does not postpone the next try when the clock is put back', () => {
    const ahead = lane({ left: 0, at: noon + 365 * days });
    const now = laneAt(ahead, noon, limits);
    expect(now).toEqual({ left: 0, at: noon, wrong: 0 });
    expect(nextTryAt(now, limits)).toBe(noon + days);
  });

  it('gives no try for a clock put back', () => {
    expect(laneAt(lane({ left: 3 }), noon - 30 * days, limits).left).toBe(3);
  });

  it('gives, over any guesses at any times, what a bucket that fills by the clock gives', () => {
    const steps = fc.array(
      fc.record({ wait: fc.oneof(fc.nat(3 * days), fc.constant(days), fc.constant(0)), spend: fc.boolean() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const bucket = new Bucket();
        let account = anAccount();
        let now = noon;
        for (const { wait, spend } of all) {
          now += wait;
          expect(laneAt(account.lanes.known, now, limits).left).toBe(bucket.at(now));
          if (!spend || bucket.at(now) === 0) continue;
          bucket.spend(now);
          account = spendTry(account, 'known', now, limits);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('never holds more than ten or fewer than none, and guesses never outrun ten and one a day, whatever the clock does', () => {
    const moves = fc.array(
      fc.record({ move: fc.integer({ min: -2 * days, max: 2 * days }), guess: fc.boolean() }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(moves, (all) => {
        let account = anAccount();
        let now = noon;
        let forwards = 0;
        let guesses = 0;
        for (const { move, guess } of all) {
          now += move;
          forwards += Math.max(0, move);
          const { left } = laneAt(account.lanes.known, now, limits);
          expect(left).toBeGreaterThanOrEqual(0);
          expect(left).toBeLessThanOrEqual(10);
          if (!guess || left === 0) continue;
          guesses += 1;
          account = spendTry(account, 'known', now, limits);
        }
        // A clock that goes back and forth brings tries back for the way forth, and for nothing else.
        expect(guesses).toBeLessThanOrEqual(10 + Math.floor(forwards / days));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('a right guess', () => {
  it('gives back what its own login had spent', () => {
    const account = giveBackTries(others({ left: 4, wrong: 6 }), 'others', 2, noon, limits);
    expect(account.lanes.others).toEqual({ left: 6, at: noon, wrong: 0 });
  });

  it('gives back nothing of what others spent', () => {
    expect(giveBackTries(others({ left: 4, wrong: 6 }), 'others', 0, noon, limits).lanes.others.left).toBe(4);
  });

  it('never fills a lane over its ten', () => {
    expect(giveBackTries(others({ left: 9 }), 'others', 5, noon, limits).lanes.others.left).toBe(10);
  });

  it('leaves the other lane alone, wrong guesses in a row included', () => {
    const account = anAccount([], { lanes: { known: lane({ left: 0, wrong: 99 }), others: lane() } });
    expect(giveBackTries(account, 'others', 3, noon, limits).lanes.known).toEqual(
      lane({ left: 0, wrong: 99 }),
    );
  });
});

describe('a lane that was guessed at for months', () => {
  it('closes at a hundred wrong in a row (NIST SP 800-63B-4 §3.2.2), not at 99', () => {
    expect(isClosed(lane({ wrong: 99 }), limits)).toBe(false);
    expect(isClosed(lane({ wrong: 100 }), limits)).toBe(true);
    expect(isClosed(lane({ wrong: 101 }), limits)).toBe(true);
  });

  it('is not opened by time, however long', () => {
    expect(isClosed(laneAt(lane({ left: 0, wrong: 100 }), noon + 4000 * days, limits), limits)).toBe(true);
  });

  it('counts a hundred from the last right guess', () => {
    const once = spendTry(others({ left: 2, wrong: 98 }), 'others', noon, limits);
    const right = giveBackTries(once, 'others', 1, noon, limits);
    expect(once.lanes.others.wrong).toBe(99);
    expect(isClosed(spendTry(right, 'others', noon, limits).lanes.others, limits)).toBe(false);
  });

  it('opens with a proof that cannot be guessed, which gives no try back', () => {
    const account = anAccount([], {
      lanes: { known: lane({ left: 1, wrong: 100 }), others: lane({ left: 0, wrong: 140 }) },
    });
    expect(reopenLanes(account).lanes).toEqual({
      known: lane({ left: 1, wrong: 0 }),
      others: lane({ left: 0, wrong: 0 }),
    });
  });

  it('changes nothing where nothing was closed or counted, so that nothing need be saved', () => {
    const account = anAccount();
    expect(reopenLanes(account)).toBe(account);
  });
});

describe('rules on lanes', () => {
  it('change no account that they are given', () => {
    const account = Object.freeze({
      ...anAccount(),
      lanes: Object.freeze({ known: lane(), others: lane() }),
    });
    const before = structuredClone(account);
    spendTry(account, 'known', noon, limits);
    giveBackTries(account, 'known', 3, noon, limits);
    reopenLanes(account);
    expect(account).toEqual(before);
  });
});
