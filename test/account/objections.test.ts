import type { Account, Objectionable } from '../../lib/account/account';
import {
  addObjectionable,
  liftsHold,
  object,
  objectionableOf,
  settleObjections,
} from '../../lib/account/objections';
import { days, hours, minutes } from '../support/clock';
import { aFactor, anAccount, factorId, noon } from './an-account';

const change = (id: string, at: number, given: Partial<Objectionable> = {}): Objectionable => ({
  id,
  at,
  told: [{ name: 'factor.added' }],
  added: [],
  madeCodes: false,
  ...given,
});
const adding = (id: string, at: number, ...added: string[]) => change(id, at, { added: added.map(factorId) });

const later = noon + hours;
const isOpen = (account: Account, id: string): boolean => objectionableOf(account, id, later) !== null;

describe('The link that stops what an intruder added', () => {
  const theirs = anAccount([aFactor('mine'), aFactor('theirs', { createdAt: later })]);
  const begun = addObjectionable(theirs, adding('first', later, 'theirs'), later);

  it.each<[string, (time: number) => Objectionable]>([
    ['tells of', (time) => change(`noise ${time}`, later + time)],
    ['adds and removes', (time) => adding(`noise ${time}`, later + time, `gone ${time}`)],
    ['makes codes', (time) => change(`noise ${time}`, later + time, { madeCodes: true })],
  ])('is not pushed out, however much the intruder %s', (_what, noise) => {
    let account = begun;
    for (let time = 1; time <= 200; time += 1) account = addObjectionable(account, noise(time), later);
    expect(account.objections).toHaveLength(50);
    expect([isOpen(account, 'first'), isOpen(account, 'noise 200')]).toEqual([true, true]);
  });

  const second = later + 10 * minutes;
  const both = addObjectionable(
    { ...begun, factors: [...begun.factors, aFactor('second', { createdAt: second })] },
    adding('second', second, 'second'),
    second,
  );
  const by = (id: string) => [{ type: 'totp', factorId: factorId(id), at: second + minutes }];

  it('is not ended by what the same intruder had added before', () => {
    expect(isOpen(settleObjections(both, by('theirs')), 'second')).toBe(true);
    const codes = { createdAt: later, codes: [] };
    const withCodes = addObjectionable(
      { ...both, backupCodes: codes },
      change('codes', later, { madeCodes: true }),
      later,
    );
    const code = [{ type: 'backup-code', factorId: null, at: second + minutes }];
    expect(isOpen(settleObjections(withCodes, code), 'second')).toBe(true);
  });

  it('holds changes until its owner proves something older, to which nobody can object any more', () => {
    const stop = objectionableOf(both, 'second', second);
    if (!stop) throw new Error('it can no longer be objected to');
    const held = object(both, stop, second);
    const lifts = (id: string, account = held): boolean =>
      by(id).some((proof) => liftsHold(account, proof, second + minutes));
    expect(['mine', 'theirs', 'second'].map((id) => lifts(id))).toEqual([true, false, false]);
    // A month later it counts as theirs.
    const month = second + 30 * days;
    const kept = { ...held, hold: { until: month + days, changedAt: month } };
    const late = { type: 'totp', factorId: factorId('theirs'), at: month + 1 };
    expect([liftsHold(kept, late, month - days), liftsHold(kept, late, month + 1)]).toEqual([false, true]);
  });

  it('is ended by what its owner had before, and began with', () => {
    const set = change('set up', noon, {
      told: [{ name: 'two-factor.enabled' }],
      added: [factorId('mine')],
      madeCodes: true,
    });
    const owned = addObjectionable(both, set, noon);
    for (const proofs of [by('mine'), [{ type: 'backup-code', factorId: null, at: second + minutes }]]) {
      const settled = settleObjections(owned, proofs);
      expect(['first', 'second'].map((id) => isOpen(settled, id))).toEqual([false, false]);
    }
  });
});
