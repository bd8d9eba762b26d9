import type { UserId } from '../account/account';
import type { Scope } from '../core/scope';
import { refuse, type Refusal } from '../errors';

/** What can be done about other people's accounts: `authorize` says by whom. */
export type AdminAction =
  | 'users.read'
  | 'users.suspend'
  | 'users.unlock'
  | 'users.end-logins'
  | 'users.reset'
  | 'users.live-code'
  | 'users.live-code.confirm'
  | 'requests.read'
  | 'requests.assign'
  | 'requests.more-info'
  | 'requests.hold'
  | 'requests.reject'
  | 'requests.recommend'
  | 'requests.approve'
  | 'requests.cancel'
  | 'requests.evidence'
  | 'requests.letter'
  | 'contacts.call'
  | 'audit.read';

/** The app's users, as far as administration needs them. */
export interface People {
  /** null: there is none. */
  byId(id: UserId): Promise<unknown>;
  idOf(user: unknown): UserId;
  nameOf(user: unknown): string;
  isStaff(user: unknown): Promise<boolean>;
  find(
    query: string,
    page: Page,
  ): Promise<{ readonly users: readonly unknown[]; readonly next: string | null }>;
}

export interface Page {
  /** Where it begins, as the page before it said; null: at the start. */
  readonly after: string | null;
  readonly limit: number;
}

/** Whose account it is about. */
export interface Target {
  readonly id: UserId;
  readonly user: unknown;
}

/** Who works, and with what. */
export interface Office {
  readonly scope: Scope;
  readonly people: People;
  readonly by: UserId;
  /** @param target null: nobody in particular, or nobody that exists */
  may(action: AdminAction, target: Target | null): Promise<boolean>;
  /** Why whoever works has to prove anew that it is them; null: they need not. */
  refuseStale(): Promise<Refusal | null>;
  /** The same stores for a while longer, for what reads everybody. */
  newScope(): Scope;
}

type Found = { readonly ok: true } & Target;

/** A user whom this may be done to. Whether somebody exists is not for those to learn who may not do it anyway. */
export async function targetOf(office: Office, action: AdminAction, id: UserId): Promise<Found | Refusal> {
  const user = await office.people.byId(id);
  const target = user === null ? null : { id, user };
  if (!(await office.may(action, target))) return refuse('forbidden');
  return target ? { ok: true, ...target } : refuse('not_found');
}

const SHORTEST_REASON = 10;
const LONGEST_REASON = 1000;

/** Why somebody does something, for the record. */
export function readReason(
  input: unknown,
  field = 'reason',
  shortest = SHORTEST_REASON,
): { readonly ok: true; readonly reason: string } | Refusal {
  // What nobody sees says nothing.
  const reason = typeof input === 'string' ? input.replace(/[^\P{C}\r\n\t]/gu, '').trim() : '';
  return reason.length >= shortest && reason.length <= LONGEST_REASON
    ? { ok: true, reason }
    : refuse('malformed', { field });
}

/**
 * A change that may be made: never of one's own account, and whoever makes it has proven who they are, and says why.
 *
 * @param refuseElse why it can't be made after all, whoever makes it
 */
export async function readyToChange(
  office: Office,
  action: AdminAction,
  id: UserId,
  reason: unknown,
  refuseElse: () => Promise<Refusal | null> = async () => null,
): Promise<(Found & { readonly reason: string }) | Refusal> {
  if (id === office.by) return refuse('forbidden');
  const target = await targetOf(office, action, id);
  if (!target.ok) return target;
  const refused = await refuseElse();
  if (refused) return refused;
  const stale = await office.refuseStale();
  if (stale) return stale;
  const read = readReason(reason);
  return read.ok ? { ...target, reason: read.reason } : read;
}
