import type { AuditRecord, ChainEnd, Pseudonym } from '../account/audit';

/** All that a store has of one user. */
export interface AuditChain {
  /** Oldest first: by `seq`. */
  readonly records: readonly AuditRecord[];
  readonly ends: readonly ChainEnd[];
}

/**
 * What was done to accounts by others than their owners, for good. Nothing in it is ever changed or removed, except
 * plain ids of users who are forgotten.
 */
export interface AuditStore {
  /**
   * Stores records, each once: one with the same target, `seq` and `hash` is there already, and stays as it is. Two
   * with the same `seq` and different hashes are both kept, as whoever reads them must see that.
   */
  append(records: readonly AuditRecord[]): Promise<void>;
  /** Stores the end of a chain. If it has one with this `seq` and `hash`, the new one takes its place. */
  end(end: ChainEnd): Promise<void>;
  list(of: Pseudonym): Promise<AuditChain>;
  /** Removes the plain `id` of this user from all records, whether as target or as actor. */
  blank(of: Pseudonym): Promise<void>;
  /** Everyone who has a record or an end, each once, in any order. */
  chains(): AsyncIterable<Pseudonym>;
  /** Closes whatever the store opened itself. */
  close?(): Promise<void>;
}
