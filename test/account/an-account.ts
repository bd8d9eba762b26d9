import {
  type Account,
  blankAccount,
  type FactorId,
  type Limits,
  type Sealed,
  type TotpFactor,
  type UserId,
} from '../../lib/account/account';
import { newBackupCodes } from '../../lib/account/backup-codes';
import { days } from '../support/clock';

/** The documented defaults, written down a second time so that a change of one is noticed. */
export const limits: Limits = {
  laneTries: 10,
  laneRefill: days,
  laneCloses: 100,
  browsers: 10,
  totpApps: 3,
  addresses: 5,
  keepFactors: 0,
};

export const noon = Date.UTC(2026, 10, 24, 12);
export const ada = 'ada' as UserId;
export const factorId = (text: string): FactorId => text as FactorId;
export const sealed = (text: string): Sealed => text as Sealed;

export const aFactor = (id: string, given: Partial<TotpFactor> = {}): TotpFactor => ({
  type: 'totp',
  id: factorId(id),
  label: id,
  secret: sealed(`secret of ${id}`),
  createdAt: noon,
  lastUsedAt: null,
  usedUpTo: 0,
  ...given,
});

/** Ada's account with these factors, ten backup codes and an epoch of long ago. */
export const anAccount = (factors: readonly TotpFactor[] = [], given: Partial<Account> = {}): Account => ({
  ...blankAccount(ada),
  epoch: 1000,
  factors,
  backupCodes: newBackupCodes(
    Array.from({ length: 10 }, (_, position) => sealed(`code ${position}`)),
    noon,
  ),
  ...given,
});

/** How often a property is tried. */
export const runs = (normal: number): number => (process.env.TEST_LONG === '1' ? normal * 20 : normal);
