import { type Account, moveEpoch } from '../account/account';
import { newBackupCodes } from '../account/backup-codes';
import { SecondFactorError, refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { sealBackupCode } from '../factors/backup-code';
import { readEndOfBackupCode } from '../factors/code-text';
import { takeStep } from '../recovery/step';
import type { Proof } from '../stores/contracts';
import type { Access } from './access';
import { visitOf } from './browser';
import { addProven } from './confirm-setup';
import { factorKind } from './kind';
import { pendingCodes, type PendingCodes } from './pending-codes';
import type { Scope } from './scope';
import { cancelSetup, isOvertaken, refuseSetup } from './setup';
import { unchanged, update, type Changed } from './update';

export interface Acknowledged {
  readonly ok: true;
  readonly account: Account;
  /** The proof that switched two-factor on; null when only the codes were made anew. */
  readonly proof: Proof | null;
  /** What the browser is to keep in its cookie, if it was noted. */
  readonly tokens: readonly string[] | null;
}

/**
 * Shows that the codes were kept, by one of them or its last block; it is not used up. Then they count: with the first
 * factor, codes, factor and epoch become real in one save.
 */
export async function acknowledgeCodes(
  scope: Scope,
  access: Access,
  input: unknown,
  tokens: readonly string[],
): Promise<Acknowledged | Refusal> {
  const read = readEndOfBackupCode(input);
  if (!read.ok) return read;
  const pending = await pendingCodes(scope, access);
  if (!pending) return refuse('conflict');
  if (!pending.ok) return pending;
  if (!pending.codes.some((code) => code.endsWith(read.code))) return refuse('wrong_code');

  const { login } = access;
  const done = await update<Acknowledged | Refusal>(scope, login.userId, (stored, now) => {
    const current = access.seen(stored);
    if (isOvertaken(pending.setup, current)) return unchanged(refuse('conflict'));
    const refused = refuseSetup(scope, access, pending.setup, current);
    if (refused) return unchanged(refused);
    const made = makeReal(scope, access, pending, current, now, tokens);
    return access.regains === null ? made : regain(scope, access.regains, stored, made, now);
  }).catch(async (error: unknown) => {
    // The store knows this key from another account: it can't be confirmed, and must not stay in the way.
    if (error instanceof SecondFactorError && error.code === 'duplicate')
      await cancelSetup(scope, login, pending.setup.kind);
    throw error;
  });
  if (done.ok) await cancelSetup(scope, login, pending.setup.kind);
  return done;
}

function makeReal(
  scope: Scope,
  access: Access,
  { setup, proof, codes }: PendingCodes,
  account: Account,
  now: number,
  tokens: readonly string[],
): Changed<Acknowledged | Refusal> {
  const digests = codes.map((code) => sealBackupCode(account.userId, code, scope.seal));
  const made: PlannedEvent = { name: 'backup-codes.made', total: codes.length };
  const set = newBackupCodes(digests, now);
  if (!proof || setup.kind === 'backup-codes') {
    const renewed = moveEpoch({ ...access.settled(account), backupCodes: set }, now);
    const outcome = { ok: true, account: renewed, proof: null, tokens: null } as const;
    return { account: renewed, outcome, events: [made] };
  }
  const proven = { setup, proof };
  const added = addProven(account, proven, set, now, scope);
  if (!added.ok) return unchanged(added);
  const { factor } = added;
  const noted = visitOf(account, tokens, scope).note(added.account, now);
  return {
    account: noted.account,
    outcome: {
      ok: true,
      account: noted.account,
      tokens: noted.tokens,
      proof: {
        type: factor.type,
        factorId: factor.id,
        at: freshnessOf(access, account, proof.at, scope),
        ...factorKind(scope.kinds, factor.type)?.proofOf(factor, proven),
      },
    },
    events: [
      { name: 'factor.added', type: factor.type, factorId: factor.id, label: factor.label },
      made,
      { name: 'two-factor.enabled' },
    ],
  };
}

/**
 * Completes a request for access, in the save that makes the new factor real: until then what was there before still
 * works, and whatever ends the request is first.
 */
function regain(
  { settings }: Scope,
  requestId: string,
  { hold }: Account,
  made: Changed<Acknowledged | Refusal>,
  now: number,
): Changed<Acknowledged | Refusal> {
  const { account, outcome, events = [] } = made;
  if (account === null || !outcome.ok) return made;
  const renewed = { ...account, recoveredAt: now, ...(hold && { hold }) };
  const step = { act: 'complete', by: { as: 'requester' } } as const;
  const completed = takeStep(settings.recovery, renewed, requestId, step, now);
  if (!completed.ok) return unchanged(completed);
  return {
    account: completed.account,
    outcome: { ...outcome, account: completed.account },
    events: [
      ...events.filter(({ name }) => name !== 'two-factor.enabled'),
      { name: 'logins.ended', except: null },
      ...completed.events,
    ],
  };
}

/**
 * The time of the proof that the login gets. A stale login may finish an open set-up, which must not make it fresh:
 * then the proof is as old as the login.
 */
function freshnessOf(access: Access, account: Account, at: number, scope: Scope): number {
  if (!access.refusal(scope, account)) return at;
  const { since, adopted } = access.login;
  return adopted ? 0 : Math.min(at, since);
}
