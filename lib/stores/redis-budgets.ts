import type { AddToCounter } from './budgets';
import type { RedisClient } from './redis-client';
import { integerAt } from './redis-integer';
import { redisScript } from './redis-scripts';

/** A counter that somebody made permanent counts as over, so that no key stays for ever. */
const add = redisScript(`
local there = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
local by, points, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if left < 0 then there, left = 0, life end
local sum = there + by
if by > 0 and sum > points then return {sum, left} end
if sum <= 0 then redis.call('DEL', KEYS[1])
elseif there > 0 then redis.call('INCRBY', KEYS[1], by)
else redis.call('SET', KEYS[1], sum, 'PX', life) end
return {math.max(0, sum), left}`);

/** Counters of budgets in Redis. */
export const addInRedis =
  (client: RedisClient, prefix: string): AddToCounter =>
  async (key, by, points, life) => {
    const reply = await add(client, `${prefix}budget:${key}`, by, points, life);
    return [integerAt(reply, 0), integerAt(reply, 1)];
  };
