/** A number in a reply: text where the app's client has `stringNumbers`. */
export type RedisInteger = number | string;

/** The number that a reply is. Whatever else it is, is a failure, and no count. */
export function readInteger(reply: unknown): number {
  if (typeof reply === 'number' && Number.isSafeInteger(reply)) return reply;
  if (typeof reply === 'string' && /^-?\d{1,15}$/.test(reply)) return Number(reply);
  throw new Error('not a number');
}

/** One of the numbers that a reply lists. */
export const integerAt = (reply: unknown, index: number): number =>
  readInteger(Array.isArray(reply) ? reply[index] : null);
