import { localKey } from '../support/keys';
import { replacesAny, savesOver } from './broken';
import { mostIn } from './codes-cast';
import { halfWithAnswer, keyedAnn, newKeyChallenge } from './keys-cast';
import { expectViolation } from './race';

const both = ['one', 'other'];

describe('The explorer finds what the guards of a key are there for', () => {
  it('a save that does not compare lets one answer in twice', () =>
    expectViolation('an answer of a key, accounts that are saved over', {
      keys: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => halfWithAnswer(world, (await keyedAnn(world)).key),
      mostFaults: 0,
      operations: ({ half, answer }) => ({
        one: () => half.copy().key(answer),
        other: () => half.copy().key(answer),
      }),
      check: (end) => [mostIn(end, both)],
    }));

  it('and adds two keys by one challenge', () =>
    expectViolation('two new keys answer one challenge, accounts that are saved over', {
      keys: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => {
        const { ann } = await keyedAnn(world);
        const challenge = await newKeyChallenge(ann);
        return { ann, made: [localKey().create(challenge), localKey().create(challenge)] as const };
      },
      mostFaults: 0,
      operations: ({ ann, made }) => ({
        one: () => ann.copy().newKey(made[0]),
        other: () => ann.copy().newKey(made[1]),
      }),
      check: (end) => [mostIn(end, both)],
    }));
});
