/**
 * Whether this run covers what the usual one leaves out. A file that loads this also runs in the project `exhaustive`
 * (projects.js).
 */
export const isExhaustive = process.env.TEST_PROJECT === 'exhaustive';

/** The cases of the usual run, or in the project `exhaustive` the others. */
export const share = <Case>(cases: readonly Case[], isUsual: (one: Case) => boolean): readonly Case[] =>
  cases.filter((one) => isUsual(one) !== isExhaustive);

/** How a browser's pages are walked through: `describe.each(scripting)('%s', (_, withScript) => …)`. */
export const scripting = share(
  [
    ['with JavaScript', true],
    ['without JavaScript', false],
  ] as const,
  ([, withScript]) => withScript,
);

/** A test that only the usual run has, in a file whose other cases are shared. */
export const usually = (name: string, test: () => Promise<void> | void): void => {
  if (!isExhaustive) it(name, async () => test());
};

/** A test that is left to `exhaustive`, in a file whose other cases are shared. */
export const exhaustively = (name: string, test: () => Promise<void> | void): void => {
  if (isExhaustive) it(name, async () => test());
};

/** How often what depends on chance or on timing is tried: in the usual run, in `exhaustive`, in `test:long`. */
export const rounds = (usual: number, exhaustive: number, long: number): number =>
  process.env.TEST_LONG === '1' ? long : isExhaustive ? exhaustive : usual;
