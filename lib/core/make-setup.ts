import type { Account, FactorId, FactorType } from '../account/account';
import { freeEntry } from '../account/entries';
import { owesFactor } from '../account/factors';
import { randomFactorId, randomTotpSecret, randomUserHandle } from '../crypto/random';
import { makeBackupCodes } from '../factors/backup-code';

/** What is being set up: a factor, or a new set of backup codes. */
export type SetupKind = FactorType | 'backup-codes';

/**
 * A set-up in progress, made at its start and never changed, so that a reload, a wrong code and a second
 * tab see the same. It belongs to one login, and to the epoch of the account it was begun in.
 */
export interface Setup {
  readonly factorId: FactorId;
  /** base64url */
  readonly secret: string;
  /** The backup codes that come with it: a new set, or the first factor's. */
  readonly codes: readonly string[] | null;
  readonly first: boolean;
  readonly epoch: number;
  readonly startedAt: number;
  /** Of a key: the user handle it is told. The account's, or the one that its first key will bring. */
  readonly handle?: string;
  /** Of an authenticator app: what tells its entry from others, and whether that is a name its owner gave it. */
  readonly entry?: { readonly text: string; readonly isNamed: boolean };
}

/** @param name that its owner gives it at the start */
export function makeSetup(account: Account, kind: SetupKind, now: number, name: string | null): Setup {
  const first = kind !== 'backup-codes' && !owesFactor(account);
  return {
    factorId: randomFactorId(),
    secret: randomTotpSecret().toString('base64url'),
    codes: first || kind === 'backup-codes' ? makeBackupCodes() : null,
    first,
    epoch: account.epoch,
    startedAt: now,
    ...(kind === 'webauthn' && { handle: account.handle ?? randomUserHandle() }),
    ...(kind === 'totp' && { entry: { text: name ?? freeEntry(account), isNamed: name !== null } }),
  };
}

/** Whether it can still become real: its factor is not in the account yet, and nothing has changed what is owed. */
export const isLive = (setup: Setup, account: Account): boolean =>
  setup.epoch === account.epoch &&
  !account.factors.some((factor) => factor.id === setup.factorId) &&
  // Another login brought the account its handle meanwhile: a key that was told this one would not be recognised.
  (setup.handle ?? account.handle) === (account.handle ?? setup.handle);
