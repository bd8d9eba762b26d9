import type { FactorView, SecurityView } from './views';

/** What would still let the user in if the phone were lost today. */
export interface Survivors {
  readonly labels: readonly string[];
  /** Unused backup codes. */
  readonly codesLeft: number;
}

export function survivorsOf({ types, backupCodes }: SecurityView): Survivors {
  // What the app has switched off lets nobody in.
  const kept = types.filter(({ available, isOnPhone }) => available && !isOnPhone);
  return {
    labels: kept.flatMap(({ factors }) => factors.filter(isElsewhereToo).map(({ label }) => label)),
    codesLeft: backupCodes?.left ?? 0,
  };
}

/** A key that stays on one phone or computer may be on the one that is lost; one of another domain lets nobody in. */
const isElsewhereToo = ({ key }: FactorView): boolean =>
  key === null || (key.madeFor === null && (key.synced || key.place !== 'device'));
