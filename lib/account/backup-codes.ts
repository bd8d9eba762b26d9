import type { Account, BackupCodes, Sealed } from './account';

export interface BackupCodeCount {
  readonly left: number;
  readonly total: number;
  /** ms */
  readonly createdAt: number;
  /** They come from another system, where they may have been shorter. */
  readonly imported?: true;
}

export const newBackupCodes = (digests: readonly Sealed[], now: number): BackupCodes => ({
  createdAt: now,
  codes: digests.map((digest) => ({ digest, usedAt: null })),
});

export function countBackupCodes(account: Account): BackupCodeCount | null {
  if (!account.backupCodes) return null;
  const { codes, createdAt, imported } = account.backupCodes;
  const left = codes.filter((code) => code.usedAt === null).length;
  return { left, total: codes.length, createdAt, ...(imported && { imported }) };
}

/**
 * The digest stays with its time of use, so that a reused code can be told from a wrong one.
 *
 * @param digest ours, in place of what another system kept of it
 */
export const useBackupCode = (
  account: Account,
  position: number,
  now: number,
  digest: Sealed | undefined = account.backupCodes?.codes[position]?.digest,
): Account =>
  account.backupCodes && digest
    ? {
        ...account,
        backupCodes: {
          ...account.backupCodes,
          codes: account.backupCodes.codes.map((code, at) =>
            at === position ? { digest, usedAt: now } : code,
          ),
        },
      }
    : account;

/**
 * A code was used, and what may have been lost has not been dealt with: no factor was added since. (New codes would be
 * another set.)
 */
export function isCodeUseOpen({ backupCodes, factors }: Account): boolean {
  const usedAt = Math.max(...(backupCodes?.codes ?? []).map((code) => code.usedAt ?? 0), 0);
  return usedAt > 0 && factors.every(({ createdAt }) => createdAt <= usedAt);
}
