import type { Account, UserId } from '../account/account';
import { owesFactor } from '../account/factors';
import { type Recovery, withRequest } from '../account/recovery';
import { addRecord } from '../audit/chain';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import { randomRequestId } from '../crypto/random';
import type { Address } from '../delivery/address';
import { ENGLISH } from '../delivery/message-texts';
import { refuse, type Refusal } from '../errors';
import { sealContact } from '../notices/contacts';
import { flagsOf, refuseByOwner } from './begin';
import { randomReference } from './reference';
import { onFileFor } from './requests';
import { changedEvent } from './step';
import { dueOf } from './transitions';

/** Who begins it for somebody else, and why. */
export interface Begins {
  readonly by: UserId;
  readonly reason: string;
  readonly isStaff: boolean;
}

/**
 * Begins a request in the place of a user who asks for help. It opens nothing and is no evidence: the link to it goes to
 * the mail address on file, and from there it takes what any other takes, but none of it from whoever began it.
 */
export async function beginFor(
  scope: Scope,
  userId: UserId,
  { by, reason, isStaff }: Begins,
): Promise<{ readonly ok: true; readonly request: Recovery } | Refusal> {
  const known = await scope.accounts.load(userId);
  if (!known || !owesFactor(known)) return nothingLost;
  const barred = refuseByOwner(known, scope.now());
  if (barred) return barred;
  const contact = await onFileFor(scope, known, 'email');
  if (!contact) return refuse('conflict', { missing: ['mail_on_file'] });
  return update<{ readonly ok: true; readonly request: Recovery } | Refusal>(
    scope,
    userId,
    (account, now) => {
      const late = owesFactor(account) ? refuseByOwner(account, now) : nothingLost;
      if (late) return unchanged(late);
      const request = requestFor(scope, account, contact, by, isStaff, now);
      const act = { actor: { user: by }, action: 'user.reset', reason, request: request.reference };
      return {
        account: addRecord(withRequest(account, request), act, now),
        outcome: { ok: true, request },
        events: [changedEvent(request)],
      };
    },
    known,
  );
}

const nothingLost = refuse('conflict', { reason: 'no_factor' });

function requestFor(
  scope: Scope,
  account: Account,
  { channel, address, hint }: Address,
  by: UserId,
  isStaff: boolean,
  now: number,
): Recovery {
  const { userId, language = ENGLISH, factors, suspended = [] } = account;
  const request: Recovery = {
    id: randomRequestId(),
    reference: randomReference(),
    state: 'awaiting_evidence',
    startedAt: now,
    steps: [{ at: now, state: 'awaiting_evidence' }],
    route: 'short',
    begunBy: by,
    lost: [...new Set([...factors, ...suspended].map(({ type }) => type))],
    contact: { channel, address: sealContact(userId, address, scope.seal), hint, onFile: true },
    language,
    timeZone: null,
    from: null,
    evidence: [],
    flags: [
      'begun_by_staff',
      ...flagsOf(account, { isOnFile: true, isKnown: true, isSeen: false, isStaff }, now),
    ],
    dueAt: null,
  };
  return { ...request, dueAt: dueOf(request) };
}
