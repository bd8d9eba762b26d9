import { hash } from 'node:crypto';
import type { Account, UserId } from '../account/account';
import type { Actor, AuditRecord, AuditTrail, Person, Unnamed } from '../account/audit';
import { canonical } from '../crypto/mac';
import { pseudonymOf } from '../crypto/digest';
import { SecondFactorError } from '../errors';

/** With so many on the way, the audit store has been away for long: nobody else may change the account. */
export const MOST_UNSENT = 200;

/** Something that is done to an account. */
export interface Act {
  readonly actor: Actor;
  readonly action: string;
  readonly reason: string | null;
  /** The reference of the request for access it belongs to. */
  readonly request: string | null;
}

/**
 * The account with a record of what is done to it, to be saved with the change itself: one is not stored without the
 * other.
 *
 * @throws SecondFactorError `unavailable` where too many records wait for the audit store, unless the owner, the
 * requester or a process acts: what protects an account must not wait for that. `conflict` while the user is forgotten
 */
export function addRecord(account: Account, act: Act, now: number): Account {
  const trail = account.audit ?? blankTrail;
  if (trail.ended) throw beingForgotten();
  if (trail.unsent.length >= MOST_UNSENT && isByOther(account, act.actor)) throw tooManyUnsent();
  const record = recordAfter(trail, account.userId, act, now);
  return {
    ...account,
    audit: { ...trail, seq: record.seq, hash: record.hash, unsent: [...trail.unsent, record] },
  };
}

/** The same with the last record there is of a user who is forgotten; an account that nothing was done to has none. */
export function endTrail(account: Account, now: number): Account {
  const { audit: trail } = account;
  if (!trail || trail.seq === 0 || trail.ended) return account;
  const act = { actor: 'process', action: 'account.forgotten', reason: null, request: null } as const;
  const { audit = trail } = addRecord(account, act, now);
  return { ...account, audit: { ...audit, ended: true } };
}

const blankTrail: AuditTrail = { seq: 0, hash: null, unsent: [] };

const isByOther = ({ userId }: Account, actor: Actor): boolean =>
  typeof actor !== 'string' && actor.user !== userId;

function recordAfter(
  trail: AuditTrail,
  target: UserId,
  { actor, action, reason, request }: Act,
  at: number,
): AuditRecord {
  const record = {
    seq: trail.seq + 1,
    at,
    actor: typeof actor === 'string' ? actor : personOf(actor.user),
    target: personOf(target),
    action,
    reason,
    request,
    previous: trail.hash,
  };
  return { ...record, hash: hashOf(record) };
}

const personOf = (id: UserId): Person => ({ pseudonym: pseudonymOf(id), id });

/** Over pseudonyms, so that plain ids can be removed when a user is forgotten, and the chain still verifies. */
const hashOf = (record: Omit<AuditRecord, 'hash'>): string => {
  const { seq, at, actor, target, action, reason, request, previous } = record;
  const parts = [seq, at, partOf(actor), target.pseudonym, action, reason, request, previous];
  return hash('sha256', canonical(['audit', ...parts]), 'base64url');
};

/** A user may be called `process`. */
const partOf = (actor: Person | Unnamed): readonly string[] =>
  typeof actor === 'string' ? [actor] : ['user', actor.pseudonym];

/** What a store has, and what an account has yet to send. */
export function withUnsent(records: readonly AuditRecord[], account: Account | null): AuditRecord[] {
  const stored = new Set(records.map((record) => record.hash));
  return [...records, ...(account?.audit?.unsent ?? []).filter((record) => !stored.has(record.hash))];
}

/** Whether a record says what its hash covers; whatever a store may give for one. */
export function isConsistent(record: AuditRecord): boolean {
  try {
    const { actor, target } = record;
    return hashOf(record) === record.hash && isNamed(target) && (typeof actor === 'string' || isNamed(actor));
  } catch {
    return false;
  }
}

const isNamed = ({ id, pseudonym }: Person): boolean => id === undefined || pseudonymOf(id) === pseudonym;

const tooManyUnsent = () =>
  new SecondFactorError(
    'unavailable',
    'Too many records of this account wait for the audit store.',
    'Nothing was changed. Check that the audit store can be reached, and that tick() is called once a minute.',
  );

const beingForgotten = () =>
  new SecondFactorError(
    'conflict',
    'The user of this account is being forgotten.',
    'Nothing was changed. If forget() failed, call it again.',
  );
