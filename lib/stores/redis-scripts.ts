import { createHash } from 'node:crypto';
import { errorText } from './error-field';
import type { RedisClient } from './redis-client';

type Run = (client: RedisClient, key: string, ...args: readonly (number | string)[]) => Promise<unknown>;

/** A script on one key. Its text is sent only to a server that does not have it yet. */
export function redisScript(text: string): Run {
  const digest = createHash('sha1').update(text).digest('hex');
  return async (client, key, ...args) => {
    try {
      return await client.evalsha(digest, 1, key, ...args);
    } catch (error) {
      if (!errorText(error).startsWith('NOSCRIPT')) throw error;
      return client.eval(text, 1, key, ...args);
    }
  };
}
