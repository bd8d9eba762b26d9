import type { Account, FactorType, ProofType, UserId, WebauthnFactor } from '../account/account';
import { countBackupCodes, type BackupCodeCount } from '../account/backup-codes';
import { blankAccount } from '../account/blank';
import { enrolledTypes, owesFactor } from '../account/factors';
import { isForeign } from '../account/keys';
import type { Login } from '../stores/contracts';
import { isOffered, usableTypes, type Offering } from './offer';
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
  /** Of a security key only. */
  readonly key: KeyStatus | null;
}

export interface KeyStatus {
  /** How browsers reach it, in their words: `usb`, `nfc`, `ble`, `internal`, `hybrid` … */
  readonly transports: readonly string[];
  /** It can be copied to other devices of its owner. */
  readonly synced: boolean;
  /** Its model; all zeros where that is not told. */
  readonly aaguid: string;
  /** The domain it was made for. */
  readonly rpId: string;
  /** false: the app has another domain by now, and it can't be used. */
  readonly usable: boolean;
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
  describe(scope, await loadAccount(scope, userId));

/** The account as stored, or the blank one of a user who never had any. Never from a cache. */
export const loadAccount = async (scope: Scope, userId: UserId): Promise<Account> =>
  (await scope.accounts.load(userId)) ?? blankAccount(userId);

export const describe = (scope: Offering, account: Account): AccountStatus => ({
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
    key: factor.type === 'webauthn' ? keyStatus(scope, factor) : null,
  })),
  backupCodes: countBackupCodes(account),
});

const keyStatus = (
  { settings }: Offering,
  { transports, backupEligible, aaguid, rpId }: WebauthnFactor,
): KeyStatus => ({
  transports,
  synced: backupEligible,
  aaguid,
  rpId,
  usable: settings.keys !== null && !isForeign({ rpId }, settings.keys.party.id),
});

/** What a login can prove it with, the preferred first, then by strength; a backup code last. */
export function waysOf(scope: Offering, login: Login | null, account: Account): ProofType[] {
  const usable = usableTypes(scope, account);
  const preferred = account.factors.find((factor) => factor.id === account.preferred)?.type;
  const first = typesByStrength.filter((type) => type === preferred && usable.includes(type));
  const byStrength = typesByStrength.filter((type) => usable.includes(type) && type !== preferred);
  const hasCodes = (countBackupCodes(account)?.left ?? 0) > 0;
  const all: ProofType[] = [...first, ...byStrength, ...(hasCodes ? (['backup-code'] as const) : [])];
  return all.filter((type) => isOffered(scope, login, account, type));
}
