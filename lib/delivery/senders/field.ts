/**
 * What lies at a path in whatever a provider threw or answered. Not by `instanceof`: the classes of errors change
 * from version to version, and a package may be there twice.
 */
export const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, name) => (typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined),
    value,
  );
