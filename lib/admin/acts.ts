import { type Account, freshLane, moveEpoch, type StaffAction, type UserId } from '../account/account';
import { forgetBrowsers } from '../account/browsers';
import { addRecord } from '../audit/chain';
import { unchanged, update } from '../core/update';
import { refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { type AdminAction, type Office, readyToChange } from './office';

/** Done. */
export interface Acted {
  readonly ok: true;
}

/**
 * Suspends a factor that may be in the wrong hands: it proves nothing any more, its user still owes one, and can restore
 * it. Every login ends, as one of them may have been made with it.
 */
export const suspendFactor = (
  office: Office,
  id: UserId,
  factorId: unknown,
  reason: unknown,
): Promise<Acted | Refusal> =>
  act(office, id, reason, {
    action: 'users.suspend',
    does: 'suspend',
    rule: (account, now) => suspended(account, factorId, now),
  });

function suspended(account: Account, id: unknown, now: number): Done | Refusal {
  if (typeof id !== 'string') return refuse('malformed', { field: 'factorId' });
  const factor = account.factors.find((one) => one.id === id);
  if (!factor) return refuse('not_found');
  const without: Account = {
    ...account,
    factors: account.factors.filter((one) => one !== factor),
    suspended: [...(account.suspended ?? []), factor],
    preferred: account.preferred === id ? null : account.preferred,
  };
  return ended(without, now);
}

/** Gives back all tries, of a user whose codes are refused because too many were wrong. */
export const unlock = (office: Office, id: UserId, reason: unknown): Promise<Acted | Refusal> =>
  act(office, id, reason, {
    action: 'users.unlock',
    does: 'unlock',
    rule: (account) => ({ account: { ...account, lanes: { known: freshLane, others: freshLane } } }),
  });

/** Ends every login, half ones included, and forgets every browser. */
export const endLogins = (office: Office, id: UserId, reason: unknown): Promise<Acted | Refusal> =>
  act(office, id, reason, { action: 'users.end-logins', does: 'end_logins', rule: ended });

const ended = (account: Account, now: number): Done => ({
  account: forgetBrowsers(moveEpoch(account, now)),
  events: [{ name: 'logins.ended', except: null }],
});

interface Done {
  readonly account: Account;
  readonly events?: readonly PlannedEvent[];
}

interface StaffAct {
  readonly action: Extract<AdminAction, `users.${string}`>;
  readonly does: StaffAction;
  readonly rule: (account: Account, now: number) => Done | Refusal;
}

/** Does something to an account: its record, and what its owner is told of it, are in the save that does it. */
async function act(
  office: Office,
  id: UserId,
  given: unknown,
  { action, does, rule }: StaffAct,
): Promise<Acted | Refusal> {
  const ready = await readyToChange(office, action, id, given);
  if (!ready.ok) return ready;
  const { reason } = ready;
  return update<Acted | Refusal>(office.scope, id, (account, now) => {
    const done = rule(account, now);
    if ('ok' in done) return unchanged(done);
    const record = {
      actor: { user: office.by },
      action: action.replace('users', 'user'),
      reason,
      request: null,
    };
    return {
      account: addRecord(done.account, record, now),
      outcome: { ok: true },
      events: [{ name: 'staff.acted', action: does }, ...(done.events ?? [])],
    };
  });
}
