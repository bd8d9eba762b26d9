/**
 * Whether this run covers what the usual one leaves out. A file that loads this also runs in the project `exhaustive`
 * (projects.js).
 */
export const isExhaustive = process.env.TEST_PROJECT === 'exhaustive';

/** The cases of the usual run, or in the project `exhaustive` the others. */
export const share = <Case>(cases: readonly Case[], isUsual: (one: Case) => boolean): readonly Case[] =>
  cases.filter((one) => isUsual(one) !== isExhaustive);
