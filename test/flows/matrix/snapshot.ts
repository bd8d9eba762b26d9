/** Keeps what these stores hold in memory. @returns puts it back, as often as one likes */
export function snapshot(...stores: readonly object[]): () => void {
  const kept = [...mapsIn(stores)].map((map) => ({ map, entries: copyOf(map) }));
  return () => {
    for (const { map, entries } of kept) {
      map.clear();
      for (const [key, value] of copyOf(entries)) map.set(key, value);
    }
  };
}

/** Every map that a store has, also in its parts. */
function mapsIn(part: object, found = new Set<Map<unknown, unknown>>()): Set<Map<unknown, unknown>> {
  if (part instanceof Map) return found.add(part);
  for (const inner of Object.values(part)) if (isObject(inner)) mapsIn(inner, found);
  return found;
}

/** What is frozen, and what is inside an entry, is replaced by its store and never changed. */
const copyOf = (map: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> =>
  new Map([...map].map(([key, value]) => [key, isChangeable(value) ? { ...value } : value]));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isChangeable = (value: unknown): value is object =>
  isObject(value) && !Object.isFrozen(value) && Object.getPrototypeOf(value) === Object.prototype;
