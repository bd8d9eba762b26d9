import type { Touch } from './stage';

/**
 * Which entries two operations can get into each other's way at: learned while exploring. An entry counts as
 * free until a second operation is seen to touch it and one of the two changes it; the exploration then
 * begins anew. Once one ends without news, no explored order has two operations at a free entry. Then no
 * order at all has: the first such step would also be possible, and would have been taken, in the explored
 * order that is equal to it.
 */
export class Conflicts {
  private readonly touched = new Map<string, Map<number, Set<Touch[1]>>>();
  private readonly contested = new Set<string>();

  /** Notes who touches what. @returns whether an entry turned out to be contested */
  note(operation: number, touches: readonly Touch[]): boolean {
    return touches.map((touch) => this.noteOne(operation, touch)).includes(true);
  }

  readonly isFree = ([key]: Touch): boolean => !this.contested.has(key);

  private noteOne(operation: number, [key, how]: Touch): boolean {
    const byOperation = this.touched.get(key) ?? new Map<number, Set<Touch[1]>>();
    this.touched.set(key, byOperation);
    byOperation.set(operation, (byOperation.get(operation) ?? new Set()).add(how));
    if (this.contested.has(key)) return false;
    const isContested = [...byOperation].some(
      ([other, hows]) => other !== operation && [...hows].some((one) => one !== how || how === 'write'),
    );
    if (isContested) this.contested.add(key);
    return isContested;
  }
}
