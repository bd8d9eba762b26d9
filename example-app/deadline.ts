import { StoreUnavailable } from './errors';

const DEADLINE = 2_500;

/**
 * Waits for a call to a store, but not for ever: a frozen server keeps its connections open, and drivers wait a minute
 * or longer for it. Whatever goes wrong becomes a `StoreUnavailable`. A write that was given up on may still be carried
 * out.
 */
export async function withDeadline<T>(store: string, call: () => Promise<T>, limit = DEADLINE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (error) {
    throw new StoreUnavailable(store, reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The code or the message of an error, never all of it: ioredis attaches what was to be written. */
export function reasonOf(error: unknown): string {
  if (error instanceof StoreUnavailable) return error.reason;
  if (!(error instanceof Error)) return 'failed';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.message.split('\n', 1)[0]?.slice(0, 200) || error.name;
}
