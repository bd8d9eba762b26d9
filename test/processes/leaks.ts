import type Redis from 'ioredis';
import type { Connection } from 'mongoose';
import { spellingsOf, type Secret } from './seen';

const SESSIONS = 'webadmin:session:';
/** The phones and mailboxes of the demonstration: there, and nowhere else, a code may be read. */
const OUTBOX = 'demo_outbox';

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
  const found = new Map<Secret, Set<string>>();
  const starts = byStart(secrets);
  for (const { where, text } of pieces) {
    for (const secret of secretsIn(text.toLowerCase(), starts))
      found.set(secret, (found.get(secret) ?? new Set()).add(where));
  }
  return [...found].map(([{ kind, value }, places]) => `${kind} ${value} in ${[...places].join(', ')}`);
}

/** Keys of Redis that would stay for ever. */
export async function keysWithoutExpiry(redis: Redis): Promise<string[]> {
  const keys = await redis.keys('*');
  const lives = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((_, at) => lives[at] === -1);
}

/** All spellings are at least this long. */
const START = 6;

interface Spelling {
  readonly secret: Secret;
  readonly text: string;
}

/** Thousands of secrets are looked for in one pass. */
function byStart(secrets: readonly Secret[]): ReadonlyMap<string, readonly Spelling[]> {
  const starts = new Map<string, Spelling[]>();
  for (const secret of secrets) {
    for (const spelling of spellingsOf(secret)) {
      const text = spelling.toLowerCase();
      if (text.length < START) throw new Error(`a ${secret.kind} is too short to be looked for`);
      const start = text.slice(0, START);
      starts.set(start, [...(starts.get(start) ?? []), { secret, text }]);
    }
  }
  return starts;
}

function secretsIn(text: string, starts: ReadonlyMap<string, readonly Spelling[]>): Secret[] {
  const found: Secret[] = [];
  for (let at = 0; at + START <= text.length; at += 1) {
    for (const { secret, text: spelling } of starts.get(text.slice(at, at + START)) ?? []) {
      if (text.startsWith(spelling, at) && (secret.kind !== 'digits' || standsAlone(text, at)))
        found.push(secret);
    }
  }
  return found;
}

/** Six digits inside a longer number or a sealed text are there by chance. */
const standsAlone = (text: string, at: number): boolean =>
  !/[\w+/-]/.test(text.charAt(at - 1)) && !/[\w+/=-]/.test(text.charAt(at + START));

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
    collections
      .filter(({ name }) => name !== OUTBOX)
      .map(async ({ name }) => {
        const documents = await connection.collection(name).find({}).toArray();
        return documents.map((document) => ({
          where: `MongoDB ${name} ${String(document._id)}`,
          text: JSON.stringify(document),
        }));
      }),
  );
  return pieces.flat();
}
