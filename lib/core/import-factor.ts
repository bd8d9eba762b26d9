import {
  type Account,
  type BackupCode,
  type FactorId,
  moveEpoch,
  type Sealed,
  type UserId,
} from '../account/account';
import { freeLabel, owesFactor } from '../account/factors';
import { randomFactorId } from '../crypto/random';
import { refuse, SecondFactorError, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { sealBackupCode, sealForeignHash } from '../factors/backup-code';
import { readImportedCode } from '../factors/code-text';
import type { ImportedBackupCodes, ImportedFactor } from './imported-factor';
import { factorKind } from './kind';
import { readLabel } from './label';
import { refuseFull } from './offer';
import type { Notices, Scope } from './scope';
import { type Changed, unchanged, update } from './update';

/** `factorId` is null for backup codes, which are no factor. */
export type Imported<Given extends ImportedFactor = ImportedFactor> =
  { readonly ok: true; readonly factorId: Given extends ImportedBackupCodes ? null : FactorId } | Refusal;

export interface ImportOptions {
  /**
   * Ends every login of this user, as a factor added on our pages does. If left out, existing logins go on with what
   * they proved, and the next one owes the factor.
   */
  readonly signOut?: boolean;
}

/** The same thing is imported once per user: a second time gives `duplicate` and changes nothing. */
export async function importFactor<Given extends ImportedFactor>(
  scope: Scope,
  userId: UserId,
  given: Given,
  { signOut = false }: ImportOptions = {},
): Promise<Imported<Given>> {
  const change =
    given.type === 'backup-codes' ? codesChange(scope, userId, given) : factorChange(scope, given);
  if (!change.ok) return change;
  const importing = update<Imported>({ ...scope, notices: silent(scope.notices) }, userId, (account, now) => {
    const changed = change.of(account, now);
    return changed.account && signOut ? { ...changed, account: moveEpoch(changed.account, now) } : changed;
  });
  // Each change gives what its own kind of import does.
  return importing.catch(asRefusal) as Promise<Imported<Given>>;
}

interface Change {
  readonly ok: true;
  of(account: Account, now: number): Changed<Imported>;
}

function factorChange(scope: Scope, given: Exclude<ImportedFactor, ImportedBackupCodes>): Change | Refusal {
  const take = factorKind(scope.kinds, given.type)?.import;
  const addition = take ? take(scope, given) : refuse('malformed', { field: 'type' });
  if (!addition.ok) return addition;
  const named = readLabel(given.label);
  if (!named.ok) return named;
  const { type } = given;

  return {
    ok: true,
    of: (account, now) => {
      const field = addition.duplicate(account);
      if (field) return unchanged(refuse('duplicate', { field }));
      const full = refuseFull(scope, account, type);
      if (full) return unchanged(full);
      const label = freeLabel(account, type, named.label);
      const base = { id: randomFactorId(), label, createdAt: now, lastUsedAt: null, usedUpTo: 0 };
      const enabled: readonly PlannedEvent[] = owesFactor(account) ? [] : [{ name: 'two-factor.enabled' }];
      return {
        account: addition.add(account, base),
        outcome: { ok: true, factorId: base.id },
        events: [{ name: 'factor.added', type, factorId: base.id, label }, ...enabled],
      };
    },
  };
}

/** As many as a user may bring: a wrong code costs a check of each hash. */
const MOST_CODES = 20;
const LONGEST_HASH = 512;

/** A set is accepted only if there is none: codes that were used, or replaced, must not come back. */
function codesChange(scope: Scope, userId: UserId, given: ImportedBackupCodes): Change | Refusal {
  const made =
    'hashes' in given ? fromHashes(scope, userId, given.hashes) : fromCodes(scope, userId, given.codes);
  if (!made.ok) return made;
  const { codes } = made;
  return {
    ok: true,
    of: (account, now) => {
      if (!owesFactor(account)) return unchanged(refuse('not_found'));
      if (account.backupCodes) return unchanged(refuse('duplicate', { field: 'codes' }));
      return {
        account: { ...account, backupCodes: { createdAt: now, codes, imported: true } },
        outcome: { ok: true, factorId: null },
        events: [{ name: 'backup-codes.made', total: codes.length }],
      };
    },
  };
}

type CodesRead = { readonly ok: true; readonly codes: readonly BackupCode[] } | Refusal;

function fromCodes({ seal }: Scope, userId: UserId, given: unknown): CodesRead {
  const field = 'codes';
  if (!isSet(given)) return refuse('malformed', { field });
  const codes = new Set<string>();
  for (const one of given) {
    const read = readImportedCode(one);
    if (!read.ok) return { ...read, field };
    codes.add(read.code);
  }
  return { ok: true, codes: [...codes].map((code) => unused(sealBackupCode(userId, code, seal))) };
}

function fromHashes({ seal, verifyHash }: Scope, userId: UserId, given: unknown): CodesRead {
  if (!verifyHash) throw noVerifier();
  const isHash = (hash: unknown): hash is string =>
    typeof hash === 'string' && hash !== '' && hash.length <= LONGEST_HASH;
  if (!isSet(given) || !given.every(isHash)) return refuse('malformed', { field: 'hashes' });
  const codes = [...new Set(given)].map((hash) => unused(sealForeignHash(userId, hash, seal)));
  return { ok: true, codes: codes.map((code) => ({ ...code, foreign: true })) };
}

const isSet = (given: unknown): given is readonly unknown[] =>
  Array.isArray(given) && given.length > 0 && given.length <= MOST_CODES;

const unused = (digest: Sealed): BackupCode => ({ digest, usedAt: null });

const noVerifier = () =>
  new SecondFactorError(
    'bad_option',
    'importFactor() was given hashes of backup codes, and the option backupCodes.verify is missing.',
    'Give secondFactor({ backupCodes: { verify: (hash, code) => bcrypt.compare(code, hash) }, … }).',
  );

/** Another user has this key, which the store finds out. */
function asRefusal(error: unknown): Refusal {
  if (!(error instanceof SecondFactorError) || error.code !== 'duplicate') throw error;
  return refuse('duplicate', error.details);
}

/** It was proven elsewhere, and there may be thousands at once: what to tell their users is for the app to decide. */
const silent = (notices: Notices): Notices => ({ ...notices, plan: async (change) => change });
