import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import type { FactorId, Rev, UserId } from '../account/account';
import type { RecoveryId } from '../account/recovery';

/** Filled for many values at once: asking the generator costs more than the bytes do. */
const pooled = Buffer.alloc(2048);
let used = pooled.length;

export const pool = {
  /** A few random bytes, of which the pool keeps none. */
  draw(size: number): Buffer {
    if (used + size > pooled.length) {
      randomFillSync(pooled);
      used = 0;
    }
    const bytes = Buffer.alloc(size);
    pooled.copy(bytes, 0, used);
    pooled.fill(0, used, used + size);
    used += size;
    return bytes;
  },
};

const id = (): string => pool.draw(16).toString('base64url');

export const randomFactorId = (): FactorId => id() as FactorId;
export const randomRev = (): Rev => id() as Rev;
export const randomLoginId = id;
export const randomBrowserToken = id;
/** What the tokens that follow each other begin with: the rest, of 62 bits, is another one each time. */
export const tokenFamily = (token: string): string => token.slice(0, 11);
export const tokenAfter = (token: string): string => tokenFamily(token) + id().slice(11);
export const randomBrowserId = id;
export const randomVisitorName = id;
export const randomTicketId = id;
export const randomLiveCodeId = id;
export const randomRequestId = (): RecoveryId => id() as RecoveryId;
export const randomEvidenceId = id;
/** An account that belongs to nobody. */
export const randomShadowId = (): UserId => `shadow:${id()}` as UserId;
export const isShadowId = (userId: UserId): boolean => /^shadow:[\w-]{22}$/.test(userId);

/** 20 bytes, the length RFC 4226 §4 R6 recommends for SHA-1. */
export const randomTotpSecret = (): Buffer => randomBytes(20);

/** A code to send: 6 digits (NIST SP 800-63B-4 §3.1.3.2), all equally likely, leading zeros kept. */
export const randomCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/** 32 bytes, which nobody can guess (WebAuthn 3 §13.4.3 asks for 16). */
export const randomChallenge = (): string => randomBytes(32).toString('base64url');

/** For a link in a mail: 256 bits. */
export const randomLinkToken = (): string => randomBytes(32).toString('base64url');

/** 64 bytes, as WebAuthn 3 §14.6.1 recommends: it reveals nothing about the user. */
export const randomUserHandle = (): string => randomBytes(64).toString('base64url');

/** Whether it may be one of these. */
export const isUserHandle = (text: string): boolean => Buffer.from(text, 'base64url').length === 64;

// No vowels, so that it can't spell a word; no L and no Q, which are mistaken for I and O.
const CONSONANTS = 'BCDFGHJKMNPRSTVWXYZ';

/**
 * Shown both on the page and in the mail it refers to, so that two mails can be told apart. Not a secret, and letters
 * only, so that nobody types it as the code.
 */
export const randomReference = (): string => consonants(8);

/** The name of a notice, in letters that people can compare: no two are the same. */
export const randomNoticeId = (): string => consonants(16);

const consonants = (length: number): string => randomLetters(CONSONANTS, length);

/** Crockford's base32, for codes on paper: no I, L, O or U. 5 bits a letter. */
export const randomCrockford = (length: number): string =>
  randomLetters('0123456789ABCDEFGHJKMNPQRSTVWXYZ', length);

/** Each letter is equally likely. */
export const randomLetters = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
