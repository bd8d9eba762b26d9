const known = new WeakMap<object, string>();

/** A value as text, equal for equal content: maps in the order of their keys, functions left out. */
export function plainText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '-';
  const before = known.get(value);
  if (before !== undefined) return before;
  const text = contentOf(value);
  // What an account store gave out is frozen to the bottom, so its text stays.
  if (Object.isFrozen(value)) known.set(value, text);
  return text;
}

function contentOf(value: object): string {
  if (Array.isArray(value)) return `[${value.map(plainText).join()}]`;
  const entries = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value);
  const held = entries.filter(([, one]) => typeof one !== 'function');
  const sorted = held.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, one]) => `${key}:${plainText(one)}`).join()}}`;
}
