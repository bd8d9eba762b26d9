/**
 * Whether this run goes through what its usual one leaves out. A file that loads this runs in the project
 * `exhaustive` besides its own (projects.js).
 */
export const isExhaustive = process.env.TEST_PROJECT === 'exhaustive';

/** Of all cases those of the usual run, and in the project `exhaustive` the others. */
export const share = <Case>(cases: readonly Case[], isUsual: (one: Case) => boolean): readonly Case[] =>
  cases.filter((one) => isUsual(one) !== isExhaustive);
