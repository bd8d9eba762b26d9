import type { Account, FactorType, ProofType, UserId } from '../account/account';
import { countBackupCodes, type BackupCodeCount } from '../account/backup-codes';
import { blankAccount } from '../account/blank';
import { enrolledTypes, owesFactor } from '../account/factors';
import type { Login } from '../stores/contracts';
import { isOffered } from './offer';
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
  factors: account.factors.map((factor) => ({
    id: factor.id,
    type: factor.type,
    label: factor.label,
    hint: 'hint' in factor ? factor.hint : null,
    createdAt: factor.createdAt,
    lastUsedAt: factor.lastUsedAt,
    preferred: account.preferred === factor.id,
  })),
  backupCodes: countBackupCodes(account),
});

/** What a login can prove it with, the preferred first, then by strength; a backup code last. */
export function waysOf(scope: Pick<Scope, 'delivery'>, login: Login | null, account: Account): ProofType[] {
  const enrolled = enrolledTypes(account);
  const preferred = account.factors.find((factor) => factor.id === account.preferred)?.type;
  const first = typesByStrength.filter((type) => type === preferred);
  const byStrength = typesByStrength.filter((type) => enrolled.includes(type) && type !== preferred);
  const hasCodes = (countBackupCodes(account)?.left ?? 0) > 0;
  const all: ProofType[] = [...first, ...byStrength, ...(hasCodes ? (['backup-code'] as const) : [])];
  return all.filter((type) => isOffered(scope, login, type));
}
