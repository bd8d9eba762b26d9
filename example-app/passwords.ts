import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes just as long when there is no hash, so that nobody can find out which usernames exist. */
  isRight(password: string, hash: string | undefined): Promise<boolean>;
}

const BLOCK_SIZE = 8;
const PARALLEL = 1;
const LENGTH = 32;
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/** Hashes with scrypt and N = 2^`cost`: 15 takes 32 MiB and about 0.1 s per hash. */
export function scryptPasswords(cost: number): Passwords {
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16);
    const key = await derive(password, salt, LENGTH, cost, BLOCK_SIZE, PARALLEL);
    return `$scrypt$ln=${cost},r=${BLOCK_SIZE},p=${PARALLEL}$${text(salt)}$${text(key)}`;
  };
  const nobody = `$scrypt$ln=${cost},r=${BLOCK_SIZE},p=${PARALLEL}$${text(randomBytes(16))}$${text(randomBytes(LENGTH))}`;
  return {
    hash,
    isRight: async (password, stored) => (await matches(password, stored ?? nobody)) && stored !== undefined,
  };
}

async function matches(password: string, stored: string): Promise<boolean> {
  const [, cost, blockSize, parallel, salt, expected] = FORMAT.exec(stored) ?? [];
  if (salt === undefined || expected === undefined) throw new Error('a stored password hash is damaged');
  const key = Buffer.from(expected, 'base64');
  const salted = Buffer.from(salt, 'base64');
  const given = await derive(password, salted, key.length, Number(cost), Number(blockSize), Number(parallel));
  return timingSafeEqual(given, key);
}

const scryptKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

function derive(
  password: string,
  salt: Buffer,
  length: number,
  cost: number,
  blockSize: number,
  parallelization: number,
): Promise<Buffer> {
  const N = 2 ** cost;
  // What scrypt needs: Node's default limit of 32 MiB is just too low for N = 2^15.
  const maxmem = 128 * blockSize * (N + parallelization + 2);
  // The same password typed on two keyboards can be two different sequences (NIST SP 800-63B-4 §3.1.1.2).
  return scryptKey(password.normalize('NFKC'), salt, length, { N, r: blockSize, p: parallelization, maxmem });
}

const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
