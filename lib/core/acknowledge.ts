import type { Account } from '../account/account';
import { newBackupCodes } from '../account/backup-codes';
import { moveEpoch } from '../account/epoch';
import { owesFactor } from '../account/factors';
import { SecondFactorError, refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { sealBackupCode } from '../factors/backup-code';
import { readBackupCode } from '../factors/code-text';
import type { Login, Proof } from '../stores/contracts';
import { visitOf } from './browser';
import { addProven } from './confirm-setup';
import { keyProof } from './key-proof';
import { isOn } from './offer';
import type { Scope } from './scope';
import { typesByStrength } from './status';
import { beginSetup, cancelSetup, readSetup, type Setup, type SetupKind, type SetupProof } from './setup';
import { update, type Changed } from './update';

/** Backup codes that were made and count only once the user has typed one of them. */
export interface PendingCodes {
  readonly kind: SetupKind;
  readonly setup: Setup;
  readonly proof: SetupProof | null;
  readonly codes: readonly string[];
}

/** The set waiting to be acknowledged in this login: the first factor's, or one made anew. */
export async function pendingCodes(
  scope: Scope,
  login: Login,
  account: Account,
): Promise<PendingCodes | null> {
  const kinds: readonly SetupKind[] = owesFactor(account) ? ['backup-codes'] : firstFactors(scope);
  const all = await Promise.all(
    kinds.map(async (kind) => ({ kind, begun: await readSetup(scope, login, account, kind) })),
  );
  for (const { kind, begun } of all) {
    const isProven = kind === 'backup-codes' || (begun !== null && begun.proof !== null);
    if (begun?.setup.codes && isProven) return { kind, ...begun, codes: begun.setup.codes };
  }
  return null;
}

const firstFactors = (scope: Scope): SetupKind[] => typesByStrength.filter((type) => isOn(scope, type));

/** Makes a new set. The one in force stays so until the new one is acknowledged. */
export async function renewCodes(
  scope: Scope,
  login: Login,
  account: Account,
): Promise<readonly string[] | Refusal> {
  if (!owesFactor(account)) return refuse('conflict');
  return (await beginSetup(scope, login, account, 'backup-codes')).codes ?? [];
}

export interface Acknowledged {
  readonly ok: true;
  readonly account: Account;
  /** The proof that switched two-factor on; null when only the codes were made anew. */
  readonly proof: Proof | null;
  /** What the browser is to keep in its cookie, where it was noted. */
  readonly tokens: readonly string[] | null;
}

/**
 * Shows that the codes were kept, by one of them, which is not used up. Then they count: with the first
 * factor, codes, factor and epoch become real in one save.
 */
export async function acknowledgeCodes(
  scope: Scope,
  login: Login,
  account: Account,
  input: unknown,
  tokens: readonly string[],
): Promise<Acknowledged | Refusal> {
  const read = readBackupCode(input);
  if (!read.ok) return read;
  const pending = await pendingCodes(scope, login, account);
  if (!pending) return refuse('conflict');
  if (!pending.codes.includes(read.code)) return refuse('wrong_code');

  const done = await update<Acknowledged | Refusal>(scope, login.userId, (current, now) =>
    current.epoch === pending.setup.epoch
      ? makeReal(scope, pending, current, now, tokens)
      : { account: current, outcome: refuse('conflict') },
  ).catch(async (error: unknown) => {
    // The store knows this key of another account: it can't be confirmed, and is not to stay in the way.
    if (error instanceof SecondFactorError && error.code === 'duplicate')
      await cancelSetup(scope, login, pending.kind);
    throw error;
  });
  if (done.ok) await cancelSetup(scope, login, pending.kind);
  return done;
}

function makeReal(
  scope: Scope,
  { kind, setup, proof, codes }: PendingCodes,
  account: Account,
  now: number,
  tokens: readonly string[],
): Changed<Acknowledged | Refusal> {
  const digests = codes.map((code) => sealBackupCode(account.userId, code, scope.seal));
  const made: PlannedEvent = { name: 'backup-codes.made', total: codes.length };
  const set = newBackupCodes(digests, now);
  if (!proof || kind === 'backup-codes') {
    const renewed = moveEpoch({ ...account, backupCodes: set }, now);
    const outcome = { ok: true, account: renewed, proof: null, tokens: null } as const;
    return { account: renewed, outcome, events: [made] };
  }
  const added = addProven(account, { kind, setup, proof }, set, now, scope);
  if (!added.ok) return { account, outcome: added };
  const { factor } = added;
  const noted = visitOf(account, tokens, scope).note(added.account, now);
  return {
    account: noted.account,
    outcome: {
      ok: true,
      ...noted,
      proof: { type: kind, factorId: factor.id, at: proof.at, ...keyProof(factor, proof.key?.userVerified) },
    },
    events: [{ name: 'factor.added', type: kind, factorId: factor.id }, made, { name: 'two-factor.enabled' }],
  };
}
