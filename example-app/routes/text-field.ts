const LONGEST = 2_000;

/** A field of a form or of a JSON body, if it is text of a sensible length. */
export function textField(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === 'string' && value.length <= LONGEST ? value : undefined;
}
