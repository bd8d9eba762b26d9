import type { UserId } from './terms';

/** What stands for a user id once its user is forgotten: a digest of it. */
export type Pseudonym = string & { readonly brand: 'Pseudonym' };

/** Somebody whom nobody has identified: who asks for access, who opened a link, or no person at all. */
export type Unnamed = 'requester' | 'link' | 'process';

/** Who does something. */
export type Actor = { readonly user: UserId } | Unnamed;

/** A user in a record. */
export interface Person {
  readonly pseudonym: Pseudonym;
  /** Absent once the user is forgotten. */
  readonly id?: UserId;
}

/** One thing that was done to an account by somebody who is not, or was not known to be, its owner. */
export interface AuditRecord {
  /** Its place in the chain of its target, from 1. */
  readonly seq: number;
  /** ms */
  readonly at: number;
  readonly actor: Person | Unnamed;
  readonly target: Person;
  readonly action: string;
  readonly reason: string | null;
  /** The reference of a request for access. */
  readonly request: string | null;
  /** The hash of the record before; null for the first. */
  readonly previous: string | null;
  /** Over all of the above, except plain ids. */
  readonly hash: string;
}

/** The end of an account's chain, and the records that are yet to reach the audit store. */
export interface AuditTrail {
  readonly seq: number;
  readonly hash: string | null;
  readonly unsent: readonly AuditRecord[];
  /** Up to this `seq` no records were kept, because the app had no audit store then. */
  readonly notKept?: number;
  /** Its user is being forgotten: nothing follows. */
  readonly ended?: true;
}

/** The end of the chain of a user who was forgotten, signed in the place of the account. */
export interface ChainEnd {
  readonly of: Pseudonym;
  readonly seq: number;
  readonly hash: string;
  /** As in `AuditTrail`. */
  readonly notKept?: number;
  readonly mac: string;
}
