import type { Choice } from './run';
import type { Touch } from './stage';

/** A state that was met, and what can be next. */
export interface Point {
  /** Only one operation's steps were looked at, since nobody else notices them. */
  readonly isAlone: boolean;
  readonly next: Edge[];
}

export interface Edge {
  readonly choice: Choice;
  readonly point: Point;
}

/**
 * Where these steps lead from a point, if they were gone through from there already, be it in another order of
 * those that touch nothing in common: that order leads to the very same state.
 */
export function whereTo(point: Point, steps: readonly Choice[]): Point | undefined {
  if (steps.length === 0) return point;
  for (const [at, step] of steps.entries()) {
    const isFirst = steps.slice(0, at).every((earlier) => mayChangePlaces(earlier, step));
    const next = isFirst ? point.next.find(({ choice }) => isSame(choice, step)) : undefined;
    const end = next && whereTo(next.point, steps.toSpliced(at, 1));
    if (end) return end;
  }
  return undefined;
}

const mayChangePlaces = (one: Choice, other: Choice): boolean =>
  one.operation !== other.operation &&
  one.swaps !== 'never' &&
  other.swaps !== 'never' &&
  (one.swaps === 'with any' ||
    other.swaps === 'with any' ||
    !one.touches.some((touch) => other.touches.some((theirs) => areInEachOthersWay(touch, theirs))));

const areInEachOthersWay = ([key, how]: Touch, [otherKey, otherHow]: Touch): boolean =>
  key === otherKey && (how !== otherHow || how === 'write');

export const isSame = (one: Choice, other: Choice): boolean =>
  one.operation === other.operation &&
  one.waiting === other.waiting &&
  one.way === other.way &&
  one.fate === other.fate;
