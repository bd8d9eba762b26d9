import type { Account, Sealed, UserId } from '../account/account';
import { equal, tokenDigest } from '../crypto/digest';
import { randomCrockford } from '../crypto/random';
import type { Seal } from '../crypto/seal';
import { refuse, type Refusal } from '../errors';
import { BACKUP_CODE_LENGTH } from './code-text';

export type BackupCodeCheck = { readonly ok: true; readonly position: number } | Refusal;

const CODES_IN_SET = 10;

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
  Array.from({ length: CODES_IN_SET }, () => randomCrockford(BACKUP_CODE_LENGTH));

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
