import type { Pending } from '../../lib';
import { overridePending } from '../support/override';
import { countsLate, replacesAny, savesOver } from './broken';
import { halfLogin } from './cast';
import { halfWithCode, mailedAnn, mostIn, noneOf, wrongTold } from './codes-cast';
import { expectViolation } from './race';

const both = ['one', 'other'];

/** Budgets that are looked at, and taken from after that. */
const takesLate = (inner: Pending): Pending =>
  overridePending(inner, {
    budgets: {
      take: async (budgets) => {
        const taken = await inner.budgets.take(budgets);
        if (!taken.ok) return taken;
        await inner.budgets.giveBack(budgets);
        await inner.budgets.take(budgets);
        return taken;
      },
    },
  });

describe('The explorer finds what each guard of a code is there for', () => {
  it('a save that does not compare lets one code in twice', () =>
    expectViolation('a code by mail, accounts that are saved over', {
      mails: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => {
        await mailedAnn(world);
        return halfWithCode(world);
      },
      mostFaults: 0,
      operations: ({ half, mailed }) => ({
        one: () => half.copy().mailed(mailed),
        other: () => half.copy().mailed(mailed),
      }),
      check: (end) => [mostIn(end, both)],
    }));

  it('a try that is counted after the code was read gives more guesses', () =>
    expectViolation('a code by mail, tries that are counted late', {
      mails: true,
      world: { pending: countsLate },
      before: async (world) => {
        await mailedAnn(world);
        const { half, mailed } = await halfWithCode(world);
        const wrong = noneOf(mailed);
        for (let tries = 0; tries < 4; tries += 1) await half.mailed(wrong);
        return { half, wrong };
      },
      mostFaults: 0,
      operations: ({ half, wrong }) => ({
        one: () => half.copy().mailed(wrong),
        other: () => half.copy().mailed(wrong),
      }),
      check: (end) => [wrongTold(end, both) > 1 && 'two guesses by the last try'],
    }));

  it('a budget that is looked at and taken from later lets too many mails leave', () =>
    expectViolation('requests for a code, budgets that are taken from late', {
      mails: true,
      world: { pending: takesLate },
      before: async (world) => {
        await mailedAnn(world);
        return { half: await halfLogin(world) };
      },
      mostFaults: 0,
      operations: ({ half }) => ({
        one: () => half.copy().sendCode(),
        other: () => half.copy().sendCode(),
      }),
      check: (_end, _start, world) => [world.mail.count > 1 && 'two mails in one cooldown'],
    }));
});
