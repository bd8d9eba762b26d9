import { createHash } from 'node:crypto';
import { errorText } from './error-field';
import type { RedisClient } from './redis-client';

/**
 * Sets the number only where it is greater than the one there, and never over a `?` (then an epoch is being
 * changed). It is a script because reading and setting must be one step: otherwise a slow reader that asked the
 * account before the change could write the old number over the new one.
 */
const RAISE = `
local there = redis.call('GET', KEYS[1])
if there == '?' then return 0 end
if there and string.match(there, '^%d+$') and tonumber(there) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RAISE_DIGEST = createHash('sha1').update(RAISE).digest('hex');

/** Raises the number at `key`. The script itself is sent only to a server that does not have it yet. */
export async function raise(client: RedisClient, key: string, to: number, life: number): Promise<void> {
  try {
    await client.evalsha(RAISE_DIGEST, 1, key, to, life);
  } catch (error) {
    if (!errorText(error).startsWith('NOSCRIPT')) throw error;
    await client.eval(RAISE, 1, key, to, life);
  }
}
