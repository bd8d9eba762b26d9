import fc from 'fast-check';
import { runs } from '../account/an-account';
import { anyCommand } from './account-commands';
import { AccountMachine } from './account-machine';

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
      { numRuns: runs(120), endOnFailure: process.env.CI === 'true' },
    );
  }, 1_200_000);
});
