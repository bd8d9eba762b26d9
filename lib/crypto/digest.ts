import { createHmac, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { UserId } from '../account/account';
import type { Pseudonym } from '../account/audit';
import type { LoginKey, UserKey } from '../stores/contracts';
import type { KeyRing } from './key-ring';

/** Each part is preceded by its length, so that no two lists of parts give the same text. */
const joined = (parts: readonly string[]): string =>
  parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');

// 128 bits to name an entry; without a key, so that processes with different first keys agree on it.
const name = (...parts: readonly string[]): string => hash('sha256', joined(parts), 'base64url').slice(0, 22);

export const loginKeyOf = (sessionId: string): LoginKey => name('session', sessionId) as LoginKey;
/** What stands for a user in the audit. Whoever can guess the id can tell that it is this one. */
export const pseudonymOf = (userId: UserId): Pseudonym => name('audit', userId) as Pseudonym;
export const userKeyOf = (userId: UserId): UserKey => name('user', userId) as UserKey;
/** Where it is stored that the login of a session older than the installation has ended. */
export const spentIdOf = (key: LoginKey): string => name('spent', key);
export const setupIdOf = (loginId: string, type: string): string => name('setup', loginId, type);
/** By the token of a link that confirms a new browser. */
export const linkIdOf = (token: string): string => name('link', token);
export const codeIdOf = (loginId: string, purpose: string, type: string): string =>
  name('code', loginId, purpose, type);

/**
 * Names of send budgets. Keyed, because phone numbers and their ranges are few enough to try them all. Under every
 * key of the ring, so that processes whose rings share one key, as during a rotation, count in the same budget.
 */
export const createBudgetIds =
  (ring: KeyRing) =>
  (budget: string, ...what: readonly string[]): string[] =>
    ring.all.map(({ digest }) =>
      createHmac('sha256', digest)
        .update(joined(['budget', budget, ...what]))
        .digest('base64url')
        .slice(0, 22),
    );

/** What a code was sent for: it is only right there (ASVS 6.6.2). */
export interface CodeContext {
  readonly userId: UserId;
  readonly loginId: string;
  readonly purpose: string;
  /** The factor, or the single message, that it proves. */
  readonly factorId: string;
}

/** Digests of six-digit codes: keyed, because there are only a million of them. */
export function createCodeDigests(ring: KeyRing) {
  const digestBy = (
    key: KeyObject,
    { userId, loginId, purpose, factorId }: CodeContext,
    code: string,
  ): Buffer =>
    createHmac('sha256', key)
      .update(joined(['code', userId, loginId, purpose, factorId, code]))
      .digest();
  return {
    of: (context: CodeContext, code: string): string =>
      digestBy(ring.first.digest, context, code).toString('base64url'),
    /** Any key of the ring may have written it, so a rolling deploy refuses no code. */
    isRight: (digest: string, context: CodeContext, code: string): boolean => {
      const stored = Buffer.from(digest, 'base64url');
      return ring.all.map((key) => equal(stored, digestBy(key.digest, context, code))).includes(true);
    },
  };
}

export type CodeDigests = ReturnType<typeof createCodeDigests>;

/**
 * For tokens with at least 80 random bits: unsearchable, so no slow hash is needed (NIST SP 800-63B-4 §3.1.2.2). Those of
 * letters have 60, and are sealed.
 */
export const tokenDigest = (
  userId: UserId,
  purpose: 'backup-code' | 'browser' | 'letter',
  token: string,
): Buffer => hash('sha256', joined([userId, purpose, token]), 'buffer');

/** For challenges of security keys: 256 random bits, so without a key; only right for this user, login and ceremony. */
export const challengeDigest = (
  userId: UserId | null,
  loginId: string,
  ceremony: string,
  challenge: string,
): string => hash('sha256', joined(['challenge', userId ?? '', loginId, ceremony, challenge]), 'base64url');

export const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Tokens that tie a form to the session it was shown in. Nothing is stored. */
export function createFormTokens(ring: KeyRing) {
  const tokenBy = (key: KeyObject, sessionId: string) => createHmac('sha256', key).update(sessionId).digest();
  return {
    of: (sessionId: string): string => tokenBy(ring.first.forms, sessionId).toString('base64url'),
    /** Any key of the ring may have written it, so a rolling deploy refuses no form. */
    isRight: (token: string, sessionId: string): boolean => {
      const given = Buffer.from(token, 'base64url');
      return ring.all.map((key) => equal(given, tokenBy(key.forms, sessionId))).includes(true);
    },
  };
}

export type FormTokens = ReturnType<typeof createFormTokens>;
