export { redisPending, type RedisPendingOptions } from './stores/redis-pending';
export type { RedisClient } from './stores/pending/redis-client';
