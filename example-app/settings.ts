import { hkdfSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StartError } from './errors';
import { readSenderSettings, type SenderSettings } from './sender-settings';

/** The environment, checked once at start-up. */
export interface Settings {
  readonly port: number;
  /** Where browsers reach the app, such as `https://admin.example.com`. */
  readonly origin: string;
  /** Seals what the second factor stores; 64 hex digits. */
  readonly key: string;
  /** The key was made just now: what it seals can't be read after a restart. */
  readonly keyIsNew: boolean;
  readonly cookieSecret: string;
  readonly mongoUri: string | undefined;
  readonly redisUrl: string | undefined;
  readonly trustProxy: number | string | false;
  readonly production: boolean;
  /** What a right code from a browser never seen before needs: a link that was mailed, or nothing but a notice. */
  readonly newBrowser: 'confirm' | 'notice';
  /** Where documents of requests for access are kept, sealed: an absolute path. */
  readonly evidenceDir: string;
  /** Even in production, a missing store may be replaced by memory. */
  readonly acceptLoss: boolean;
  readonly senders: SenderSettings;
  /** The cost of one password hash: scrypt's N is 2 to this power. */
  readonly scryptCost: number;
}

const SCRYPT_COST = 15;

export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const port = readPort(env.PORT || '3000');
  const origin = readOrigin(env.ORIGIN || `http://localhost:${port}`);
  const key = env.TWO_FACTOR_KEY || randomBytes(32).toString('hex');
  if (!/^[0-9a-f]{64}$/i.test(key)) {
    throw new StartError('TWO_FACTOR_KEY must be 64 hex digits; make one with: openssl rand -hex 32');
  }
  return {
    port,
    origin,
    key,
    keyIsNew: !env.TWO_FACTOR_KEY,
    cookieSecret: cookieSecretOf(key),
    mongoUri: env.MONGODB_URI || undefined,
    redisUrl: env.REDIS_URL || undefined,
    trustProxy: readTrustProxy(env.TRUST_PROXY || '', origin),
    production: env.NODE_ENV === 'production',
    newBrowser: readNewBrowser(env.NEW_BROWSER || 'confirm'),
    evidenceDir: resolve(env.EVIDENCE_DIR || join(tmpdir(), 'webadmin-evidence')),
    acceptLoss: readAcceptLoss(env.ACCEPT_LOSS || '0'),
    senders: readSenderSettings(env),
    scryptCost: readScryptCost(env),
  };
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new StartError(`PORT must be a number from 1 to 65535, not "${text}"`);
  return port;
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (!isPlain) {
    throw new StartError(`ORIGIN must look like https://admin.example.com, with no path; not "${text}"`);
  }
  return url.origin;
}

function readNewBrowser(text: string): 'confirm' | 'notice' {
  if (text === 'confirm' || text === 'notice') return text;
  throw new StartError(`NEW_BROWSER must be confirm or notice, not "${text}"`);
}

function readAcceptLoss(text: string): boolean {
  if (text === '0' || text === '1') return text === '1';
  throw new StartError(`ACCEPT_LOSS must be 1 or 0, not "${text}"`);
}

/** Processes that share the key share their sessions; neither secret reveals anything about the other. */
function cookieSecretOf(key: string): string {
  const secret = hkdfSync('sha256', Buffer.from(key, 'hex'), '', 'webadmin session cookie', 32);
  return Buffer.from(secret).toString('hex');
}

/** Node itself speaks plain HTTP here, so an https origin means there is one proxy in front. */
function readTrustProxy(text: string, origin: string): number | string | false {
  if (text === '') return origin.startsWith('https:') ? 1 : false;
  if (/^\d$/.test(text)) return Number(text);
  if (text.split(',').every((place) => isPlace(place.trim()))) return text;
  throw new StartError(`TRUST_PROXY must be the number of proxies, or their addresses; not "${text}"`);
}

const isPlace = (text: string): boolean =>
  ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isIP(text.replace(/\/\d{1,3}$/, '')) > 0;

function readScryptCost(env: NodeJS.ProcessEnv): number {
  const cost = Number(env.SCRYPT_COST || SCRYPT_COST);
  const lowest = env.NODE_ENV === 'test' ? 1 : SCRYPT_COST;
  if (Number.isInteger(cost) && cost >= lowest && cost <= 20) return cost;
  throw new StartError(
    `SCRYPT_COST must be a whole number from ${SCRYPT_COST} to 20 (from 1 in tests), not "${env.SCRYPT_COST}"`,
  );
}
