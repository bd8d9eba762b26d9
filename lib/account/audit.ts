import type { UserId } from './terms';

/** Who did it: a user, or somebody whom nobody has identified. */
export type Actor = UserId | 'requester' | 'link' | 'process';

/** One thing that was done to an account by somebody who is not, or was not known to be, its owner. */
export interface AuditRecord {
  /** Its place in the chain of its target, from 1. */
  readonly seq: number;
  /** ms */
  readonly at: number;
  readonly actor: Actor;
  readonly target: UserId;
  readonly action: string;
  readonly reason: string | null;
  /** The reference of a request for access. */
  readonly request: string | null;
  /** The hash of the record before; null for the first. */
  readonly previous: string | null;
  readonly hash: string;
}

/** The end of an account's chain, and the records that are yet to reach the audit store. */
export interface AuditTrail {
  readonly seq: number;
  readonly hash: string | null;
  readonly unsent: readonly AuditRecord[];
}
