import { type Account, blankAccount, type Factor, type FactorType, type UserId } from '../account/account';
import { countBackupCodes, type BackupCodeCount } from '../account/backup-codes';
import { enrolledTypes, owesFactor } from '../account/factors';
import { factorKind } from './kind';
import type { KeyStatus, Offering, Scope } from './scope';

/** One factor, as its owner may see it. Times in ms. */
export interface FactorStatus {
  readonly id: string;
  readonly type: FactorType;
  readonly label: string;
  readonly hint: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly preferred: boolean;
  /** Only for a security key. */
  readonly key: KeyStatus | null;
  /** An imported authenticator app whose seed is short: it works, and should be replaced. */
  readonly weak?: true;
}

/** What an account holds, as its owner may see it. */
export interface Holdings {
  /** Whether a login of this user owes a second factor. */
  readonly enabled: boolean;
  readonly types: readonly FactorType[];
  readonly factors: readonly FactorStatus[];
  readonly backupCodes: BackupCodeCount | null;
}

/** The account as stored, or a blank one for a user who never had one. Never from a cache. */
export const loadAccount = async (scope: Scope, userId: UserId): Promise<Account> =>
  (await scope.accounts.load(userId)) ?? blankAccount(userId);

export const describe = (scope: Offering, account: Account): Holdings => ({
  enabled: owesFactor(account),
  types: enrolledTypes(account),
  factors: account.factors.map((factor) => describeFactor(scope, account, factor)),
  backupCodes: countBackupCodes(account),
});

export function describeFactor(
  { kinds, settings }: Offering,
  account: Account,
  factor: Factor,
): FactorStatus {
  const { id, type, label, createdAt, lastUsedAt } = factor;
  const own = factorKind(kinds, type)?.describe(settings, factor);
  const preferred = account.preferred === id;
  const { hint = null, key = null, weak } = own ?? {};
  return { id, type, label, hint, createdAt, lastUsedAt, preferred, key, ...(weak && { weak }) };
}
