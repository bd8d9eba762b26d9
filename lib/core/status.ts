import type { Account, FactorType, ProofType, UserId } from '../account/account';
import { countBackupCodes, type BackupCodeCount } from '../account/backup-codes';
import { blankAccount } from '../account/blank';
import { enrolledTypes, owesFactor } from '../account/factors';
import type { Scope } from './scope';

/** One factor as its owner may see it. Times in ms. */
export interface FactorStatus {
  readonly id: string;
  readonly type: FactorType;
  readonly label: string;
  readonly hint: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly preferred: boolean;
}

export interface AccountStatus {
  /** Whether a login of this user owes a second factor. */
  readonly enabled: boolean;
  readonly types: readonly FactorType[];
  readonly factors: readonly FactorStatus[];
  readonly backupCodes: BackupCodeCount | null;
}

/** The types in the order people are offered them: the strongest first. */
export const typesByStrength: readonly FactorType[] = ['webauthn', 'totp', 'otp-sms', 'otp-email'];

export const statusOf = async (scope: Scope, userId: UserId): Promise<AccountStatus> =>
  describe(await loadAccount(scope, userId));

/** The account as stored, or the blank one of a user who never had any. Never from a cache. */
export const loadAccount = async (scope: Scope, userId: UserId): Promise<Account> =>
  (await scope.accounts.load(userId)) ?? blankAccount(userId);

export const describe = (account: Account): AccountStatus => ({
  enabled: owesFactor(account),
  types: enrolledTypes(account),
  factors: account.factors.map(({ id, type, label, createdAt, lastUsedAt }) => ({
    id,
    type,
    label,
    hint: null,
    createdAt,
    lastUsedAt,
    preferred: account.preferred === id,
  })),
  backupCodes: countBackupCodes(account),
});

/** What a user can prove it with, the preferred first, then by strength; a backup code last. */
export function waysOf(account: Account): ProofType[] {
  const preferred = account.factors.find((factor) => factor.id === account.preferred)?.type;
  const enrolled = enrolledTypes(account);
  const byStrength = typesByStrength.filter((type) => enrolled.includes(type) && type !== preferred);
  const hasCodes = (countBackupCodes(account)?.left ?? 0) > 0;
  return [...(preferred ? [preferred] : []), ...byStrength, ...(hasCodes ? (['backup-code'] as const) : [])];
}
