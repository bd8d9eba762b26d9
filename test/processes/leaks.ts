import type Redis from 'ioredis';
import type { Connection } from 'mongoose';
import { spellingsOf, type Secret } from './seen';

const SESSIONS = 'webadmin:session:';

/** A piece of what was stored or printed. */
interface Piece {
  readonly where: string;
  readonly text: string;
}

/** Every secret that stands readable anywhere, with the place. */
export async function leaksIn(
  redis: Redis,
  connection: Connection,
  printed: readonly string[],
  secrets: readonly Secret[],
): Promise<string[]> {
  const pieces = [
    ...(await redisPieces(redis)),
    ...(await mongoPieces(connection)),
    ...printed.map((text, at) => ({ where: `output of process ${at + 1}`, text })),
  ];
  const everything = pieces.map(({ text }) => text).join('\n');
  const lower = everything.toLowerCase();
  return secrets
    .filter((secret) => isIn(everything, lower, secret))
    .map((secret) => {
      const found = pieces.filter(({ text }) => isIn(text, text.toLowerCase(), secret));
      return `${secret.kind} ${secret.value} in ${found.map(({ where }) => where).join(', ')}`;
    });
}

/** Keys of Redis that would stay for ever. */
export async function keysWithoutExpiry(redis: Redis): Promise<string[]> {
  const keys = await redis.keys('*');
  const lives = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((_, at) => lives[at] === -1);
}

function isIn(text: string, lower: string, secret: Secret): boolean {
  if (secret.kind === 'digits') return new RegExp(`(?<![\\w-])${secret.value}(?![\\w-])`).test(text);
  return spellingsOf(secret).some(
    (spelling) => text.includes(spelling) || lower.includes(spelling.toLowerCase()),
  );
}

/** An app's session key ends in the session id: there, and nowhere else, it may stand. */
async function redisPieces(redis: Redis): Promise<Piece[]> {
  const keys = await redis.keys('*');
  const values = await Promise.all(keys.map((key) => valueOf(redis, key)));
  return keys.map((key, at) => {
    const name = key.startsWith(SESSIONS) ? SESSIONS : key;
    return { where: `Redis ${name}`, text: `${name}\n${values[at] ?? ''}` };
  });
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === 'none') return '';
  if (type === 'zset') return (await redis.zrange(key, 0, '-1')).join('\n');
  if (type !== 'string') throw new Error(`${key} is a ${type}: teach this sweep to read it`);
  return (await redis.getBuffer(key))?.toString('latin1') ?? '';
}

async function mongoPieces(connection: Connection): Promise<Piece[]> {
  const collections = await connection.listCollections();
  const pieces = await Promise.all(
    collections.map(async ({ name }) => {
      const documents = await connection.collection(name).find({}).toArray();
      return documents.map((document) => ({
        where: `MongoDB ${name} ${String(document._id)}`,
        text: JSON.stringify(document),
      }));
    }),
  );
  return pieces.flat();
}
