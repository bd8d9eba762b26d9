const deepest = 32;

/**
 * One text for one value, whatever a store did to it on the way: fields in order of their names, without those that are
 * undefined; −0 as 0. Each value says what it is and how long, so no two values have one text.
 *
 * @throws TypeError for what is no JSON: a store would not give it back as it was
 */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'number' && Number.isFinite(value)) return `n${value};`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value === null || value === undefined) return 'z';
  if (typeof value === 'object' && depth < deepest) {
    if (Array.isArray(value)) return list(value, depth + 1);
    if (isPlain(value)) return fields(value, depth + 1);
  }
  throw noJson();
}

// Joined by hand: it runs twice in every verification, over some hundred values.
function list(values: readonly unknown[], depth: number): string {
  let text = `[${values.length}:`;
  for (const value of values) text += canonical(value, depth);
  return text;
}

function fields(record: Readonly<Record<string, unknown>>, depth: number): string {
  let text = '';
  let count = 0;
  for (const name of Object.keys(record).toSorted()) {
    const value = record[name];
    if (value === undefined) continue;
    count += 1;
    text += `${name.length}:${name}${canonical(value, depth)}`;
  }
  return `{${count}:${text}`;
}

/** By the depth of its prototypes, so that objects of another realm (vm, Jest) count as well. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const noJson = () => new TypeError('an account holds something that is no JSON');
