import { randomBytes } from 'node:crypto';
import type { Account, Sealed, UserId } from '../account/account';
import { equal, tokenDigest } from '../crypto/digest';
import type { Seal } from '../crypto/seal';
import { refuse, type Refusal } from '../errors';

export type BackupCodeCheck = { readonly ok: true; readonly position: number } | Refusal;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODES_IN_SET = 10;
const CODE_BYTES = 10;

/** Is this one of the user's backup codes? Every one is compared, so that the time taken reveals nothing. */
export function checkBackupCode(account: Account, code: string, seal: Seal): BackupCodeCheck {
  const given = tokenDigest(account.userId, 'backup-code', code);
  const codes = account.backupCodes?.codes ?? [];
  const matches = codes.map(
    ({ digest, foreign }) => !foreign && equal(given, seal.open(digest, contextOf(account.userId))),
  );
  const position = matches.indexOf(true);
  const match = codes[position];
  if (!match) return refuse('wrong_code');
  return match.usedAt === null ? { ok: true, position } : refuse('code_used');
}

/** 10 codes of 80 bits: enough that neither a lock nor a slow hash is needed. */
export const makeBackupCodes = (): string[] =>
  Array.from({ length: CODES_IN_SET }, () => toCrockford(randomBytes(CODE_BYTES)));

/** `XXXX-XXXX-XXXX-XXXX`, as people read and type them. */
export const spellBackupCodes = (codes: readonly string[]): string[] =>
  codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'));

export const sealBackupCode = (userId: UserId, code: string, seal: Seal): Sealed =>
  seal.close(tokenDigest(userId, 'backup-code', code), contextOf(userId));

/** What another system kept of a code. */
export const sealForeignHash = (userId: UserId, hash: string, seal: Seal): Sealed =>
  seal.close(Buffer.from(hash), contextOf(userId));

/** Those that are not used yet, by their position in the set. */
export const foreignHashes = (
  { userId, backupCodes }: Account,
  seal: Seal,
): { readonly position: number; readonly hash: string }[] =>
  (backupCodes?.codes ?? []).flatMap(({ digest, foreign }, position) =>
    foreign ? [{ position, hash: seal.open(digest, contextOf(userId)).toString() }] : [],
  );

const contextOf = (user: UserId) => ({ user, factor: '', purpose: 'backup-code' }) as const;

function toCrockford(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{5}/g, (five) => ALPHABET.charAt(parseInt(five, 2)));
}
