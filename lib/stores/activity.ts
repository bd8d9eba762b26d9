import type { BrowserName, ProofType, UserId } from '../account/account';

/** The events that are kept for their user to look at, by the name they are emitted under (docs/events.md). */
export const ACTIVITY_NAMES = [
  'login.owed',
  'login.waiting',
  'login.blocked',
  'login.completed',
  'login.confirmed',
  'proof.accepted',
  'proof.refused',
  'proof.replayed',
  'tries.used-up',
  'key.suspicious',
  'two-factor.enabled',
  'two-factor.disabled',
  'factor.added',
  'factor.removed',
  'factor.restored',
  'factor.renamed',
  'backup-codes.made',
  'code.sent',
  'code.failed',
  'sends.refused',
  'login.ended',
  'logins.ended',
  'browser.new',
  'browser.forgotten',
  'browser.remembered',
  'browser.copied',
  'login.exempt',
  'login.remembered',
  'change.objected',
  'changes.released',
  'contacts.changed',
  'recovery.changed',
  'recovery.reminded',
  'recovery.vouched',
  'recovery.rules-changed',
  'account.blocked',
  'staff.acted',
] as const;

export type ActivityName = (typeof ACTIVITY_NAMES)[number];

/** `failed`: it was allowed, but a provider did not do it. */
export type ActivityResult = 'ok' | 'refused' | 'failed';

/** What happened, to whom, when and from where. There is no field that could hold a secret. */
export interface ActivityEntry {
  /** A UUID that sorts by `at` (version 7 of RFC 9562). */
  readonly id: string;
  readonly userId: UserId;
  /** ms since 1970 */
  readonly at: number;
  readonly name: ActivityName;
  readonly result: ActivityResult;
  /** The kind of proof it is about. */
  readonly type?: ProofType;
  /** What the user called the factor then; of `recovery.changed`, the state of the request; of `staff.acted`, the action. */
  readonly label?: string;
  readonly loginId?: string;
  /** null: no browser, or one that we don't know. */
  readonly browser: BrowserName | null;
  /** The client's IP address; null: there was none, or none that can be read. */
  readonly address: string | null;
  /** The app did it outside any request, such as an import. */
  readonly byApp?: true;
  /** The app's own `req.id`. */
  readonly requestId?: string;
}

/** Which entries of a user to read. */
export interface ActivityQuery {
  /** Only those with a smaller `id`, whether or not there is one with this id. */
  readonly before?: string | undefined;
  /** Only those about this kind of proof. */
  readonly type?: ProofType | undefined;
  readonly limit: number;
}

/** How many entries of one user are kept: the newest. */
export const MOST_ENTRIES = 1_000;

/**
 * What happened to each user: the newest 1 000 entries, for as long as the store keeps them. Nothing depends on it, so
 * it may lose the latest entries.
 */
export interface ActivityStore {
  /**
   * Stores one entry. It is called with the same entry again after a rejection, as nobody knows then whether it was
   * stored: an entry whose `id` its user has already changes nothing.
   */
  append(entry: ActivityEntry): Promise<void>;
  /** The entries of a user, sorted by `id`, the largest first. */
  list(userId: UserId, query: ActivityQuery): Promise<readonly ActivityEntry[]>;
  /** Deletes all entries of a user. */
  remove(userId: UserId): Promise<void>;
  /** How long entries are kept, in ms, for the page to say so. */
  readonly keep?: number;
  /** Closes whatever the store itself opened. */
  close?(): Promise<void>;
}
