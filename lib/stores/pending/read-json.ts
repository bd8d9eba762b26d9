/** The value in a text of JSON, if it is the one wanted; otherwise null. */
export function readJson<T>(text: string, isWanted: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return isWanted(value) ? value : null;
  } catch {
    return null;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

export const isNumber = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
