import fc from 'fast-check';
import { rounds } from '../support/exhaustive';
import { anyCommand, type Command } from './account-commands';
import { AccountMachine } from './account-machine';

const usual: Omit<Command, 'kind'> = { who: 0, login: 0, pick: 0, code: 0, token: 0, fates: [] };

/** Another process removes a factor the moment it was added, while its owner acknowledges new backup codes. */
const removedAtOnce: readonly Command[] = [
  { ...usual, kind: 'enrol', pick: 1 },
  { ...usual, kind: 'renew' },
  { ...usual, kind: 'enrol', fates: [{ by: 'remove', pick: 1 }] },
];

/** Half a login goes on after its user was forgotten, who was never signed out and so has the same epoch. */
const forgottenHalfWay: readonly Command[] = [
  { ...usual, kind: 'import' },
  { ...usual, kind: 'sign in' },
  { ...usual, kind: 'forget' },
  { ...usual, kind: 'backup code', who: 1, pick: 1 },
];

describe('any sequence of what users, other processes and failing stores do', () => {
  it('ends in every step where the plain rules end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { minLength: 1, maxLength: 60, size: 'max' }),
        async (commands) => {
          const machine = new AccountMachine();
          for (const one of commands) await machine.run(one);
        },
      ),
      // A failure prints the seed and the path, and `fc.assert` takes both back.
      {
        numRuns: rounds(30, 120, 2400),
        examples: [[[...removedAtOnce]], [[...forgottenHalfWay]]],
        endOnFailure: process.env.CI === 'true',
      },
    );
  }, 1_200_000);
});
