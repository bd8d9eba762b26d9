import type { UserId } from '../account/account';
import type { RequestState } from '../account/recovery';
import { refuse, type Refusal } from '../errors';
import { beginFor } from '../recovery/begin-for';
import { type Office, readyToChange } from './office';

/** A request that was begun. */
export interface Reset {
  readonly ok: true;
  readonly reference: string;
  readonly state: RequestState;
}

/**
 * Begins a request for access for a user who can't: the only way to a reset. Its link goes to the mail address on file,
 * and from then on it is a request like any other, which whoever began it can't decide.
 */
export async function reset(office: Office, id: UserId, given: unknown): Promise<Reset | Refusal> {
  const ready = await readyToChange(office, 'users.reset', id, given);
  if (!ready.ok) return ready;
  const { scope, people, by } = office;
  if (!scope.settings.recovery) return refuse('conflict', { reason: 'requests_off' });
  const isStaff = await people.isStaff(ready.user);
  const begun = await beginFor(scope, id, { by, reason: ready.reason, isStaff });
  if (!begun.ok) return begun;
  const { reference, state } = begun.request;
  return { ok: true, reference, state };
}

/** How many at once: what one person can look through. */
const MOST_RESETS = 100;

/** The same for several users, one after the other; each is answered for itself. */
export async function resetMany(
  office: Office,
  ids: readonly UserId[],
  reason: unknown,
): Promise<
  { readonly ok: true; readonly results: readonly ({ readonly id: UserId } & (Reset | Refusal))[] } | Refusal
> {
  if (!(await office.may('users.reset', null))) return refuse('forbidden');
  if (ids.length === 0 || ids.length > MOST_RESETS) return refuse('malformed', { field: 'ids' });
  const results: ({ readonly id: UserId } & (Reset | Refusal))[] = [];
  for (const id of new Set(ids)) {
    const done = await reset({ ...office, scope: office.newScope() }, id, reason);
    // What is wrong with all of them is said once.
    if (!done.ok && (done.code === 'step_up_required' || done.code === 'malformed')) return done;
    results.push({ id, ...done });
  }
  return { ok: true, results };
}
