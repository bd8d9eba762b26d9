import type { Browser } from '../account/account';
import type { Settings } from './scope';
import { isLasting } from './age';

/**
 * How long the previous token still counts, ms: tabs that sign in at the same time all bring it, and only the first one
 * replaces it.
 */
const GRACE = 30_000;

/** Until when this browser is not asked for a second factor; null: it is asked. */
export function rememberedUntil(
  { remembered }: Browser,
  { rememberBrowser: life }: Pick<Settings, 'rememberBrowser'>,
  now: number,
): number | null {
  if (!remembered || life === null) return null;
  const { since, until } = remembered;
  // A shorter life in the options applies to browsers that are remembered already, a longer one does not.
  const counts = Math.min(life, until - since);
  return isLasting(since, counts, now) ? since + counts : null;
}

/** Whether a token that was replaced then may come from a tab that asked at the same time. */
export const isParallel = (replacedAt: number, now: number): boolean => isLasting(replacedAt, GRACE, now);
