import type { Account, CodeType, FactorId, FactorType, ProofType, Rev, UserId } from '../account/account';

/**
 * Durable storage of accounts. It needs one thing of a database: a conditional write that exactly one of
 * many parallel writers wins, and that is durable once acknowledged.
 */
export interface Accounts {
  /** The newest acknowledged state (never from a lagging replica), or null if there is none. */
  load(userId: UserId): Promise<Account | null>;
  /**
   * Stores `account` if the stored `rev` is still `over` (`null`: if there is no account of this user yet).
   * @returns whether it was stored. `false` is a lost race; a throw is an unknown outcome.
   */
  save(account: Account, over: Rev | null): Promise<boolean>;
  /** The account with this WebAuthn user handle, for passkeys. */
  findByHandle(handle: string): Promise<Account | null>;
  /** Deletes the account. Deleting one that is not there is no error. */
  remove(userId: UserId): Promise<void>;
  /** Every account, one by one, in no order, for admin work such as re-sealing. */
  all(): AsyncIterable<Account>;
}

/** What is known of a proof by a security key. */
export interface KeyProof {
  /** The key saw a PIN, fingerprint or face. */
  readonly userVerified?: true;
  /** It is bound to one device, and its maker vouched for it: `hwk` of RFC 8176. */
  readonly hardware?: true;
}

/** A proof that was accepted. `at` in ms. */
export interface Proof extends KeyProof {
  readonly type: ProofType;
  readonly factorId: FactorId | null;
  readonly at: number;
}

/** What Passport would have put into the session, whether to keep its data and with them its cookie, and which Passport. */
export interface OwedLogin {
  readonly user: unknown;
  readonly keepSessionInfo: boolean;
  readonly passport: number;
  readonly cookie?: { readonly [attribute: string]: unknown };
}

/** What is known of one login, keyed by the digest of its session id. Written once, never changed. */
export interface Login {
  readonly userId: UserId;
  /** `owed`: half done. `passed`: the second factor was proven. `exempt`: nothing was owed. */
  readonly state: 'owed' | 'passed' | 'exempt';
  readonly epoch: number;
  readonly loginId: string;
  readonly proofs: readonly Proof[];
  /** The types that were enrolled when the record was written. */
  readonly types: readonly FactorType[];
  /** When the first factor was proven, ms. */
  readonly since: number;
  /** The session is older than the installation: when its login was made is not known, so it is never fresh. */
  readonly adopted?: true;
  /** Of a half login only. */
  readonly owed?: OwedLogin;
  /** The way that already opened the first door, such as a password reset by mail: not taken as the second. */
  readonly usedChannel?: CodeType;
  /** A proof made elsewhere that the app accepted (RFC 8176 method names; ms). */
  readonly accepted?: { readonly methods: readonly string[]; readonly at: number };
}

/** Digest of a session id. */
export type LoginKey = string & { readonly brand: 'LoginKey' };
/** Digest of a user id; user ids may be addresses, so they are in no key. */
export type UserKey = string & { readonly brand: 'UserKey' };

/** A code that was sent. Digests and numbers only: there is nothing to read in a dump. */
export interface SentCode {
  readonly kind: 'code';
  readonly digest: string;
  readonly factorId: string;
  readonly issuedAt: number;
  /** ms. Whoever reads a code judges by this: it can be read for longer when a newer one was sent after it. */
  readonly until: number;
  /** The how manieth this is of those that were asked for one after the other. */
  readonly sends: number;
  /** What page and mail show, so that two mails can be told apart. Empty for an SMS. */
  readonly reference: string;
}

/** What a security key was asked to sign. */
export interface KeyChallenge {
  readonly kind: 'challenge';
  readonly digest: string;
  readonly issuedAt: number;
  /** ms. Whoever reads it judges by this, as of a code. */
  readonly until: number;
  /** Whether the key has to see a PIN, fingerprint or face, or only may. */
  readonly userVerification: 'preferred' | 'required';
}

/** What was issued to a login, and is answered by a proof. */
export type Issued = SentCode | KeyChallenge;

/** So many in such a time, counted from the first. `name` and `id` together say which count it is. */
export interface Budget {
  /** One of ours, such as `user`. */
  readonly name: string;
  /** A digest: no address and no user id. */
  readonly id: string;
  readonly points: number;
  /** Counts as whole seconds, rounded up. */
  readonly ms: number;
}

/** Whether every budget had one left; if not, which of those used up must be waited for longest. */
export type Taken =
  { readonly ok: true } | { readonly ok: false; readonly name: string; readonly waitMs: number };

/** The epoch of an active user: a number; `'?'` while it is being changed; null when not cached. */
export type EpochNumber = number | '?' | null;

/** Login records, and which of them are whose. */
export interface LoginStore {
  /** @param slideTo when not null, the record's life is set to this many ms from now, in the same round trip. */
  read(key: LoginKey, slideTo: number | null): Promise<Login | null>;
  /**
   * Writes a record for `life` ms and, after that, removes the one it replaces, in one round trip (up to two more when a
   * user has over 50 complete logins: the oldest goes). Where that one was there, it is known for two minutes what
   * replaced it.
   * @returns whether the one it replaces was there: of any number that replace one record, one is told so
   */
  write(
    key: LoginKey,
    login: Login,
    user: UserKey,
    life: number,
    replaces: LoginKey | null,
  ): Promise<boolean>;
  has(key: LoginKey): Promise<boolean>;
  /**
   * Removes a record; where it was replaced less than two minutes ago, the one that replaced it, and so on. A sign-out
   * beside a renewal knows the old key alone.
   * @returns whether one was there
   */
  remove(key: LoginKey): Promise<boolean>;
  /** The complete logins of a user that are still alive, oldest first. */
  list(user: UserKey): Promise<readonly { readonly key: LoginKey; readonly login: Login }[]>;
}

/** The epoch numbers of the users of the last minute. One is read in the tick in which the record of a login is. */
export interface EpochStore {
  read(user: UserKey): Promise<EpochNumber>;
  /** Sets the number for 60 s (absolute) only if it is greater than the one there, and never over a `?`. */
  raise(user: UserKey, epoch: number): Promise<void>;
  /** Sets the number to `?` for 120 s: readers ask the account each time and cache nothing. */
  suspend(user: UserKey): Promise<void>;
}

/** Reads what a gated request needs in one command. */
export interface LoginWithEpoch {
  readonly logins: LoginStore;
  readonly epochs: EpochStore;
  /**
   * Does what `logins.read(key, null)` and `epochs.read(user)` do. Calls back once and never throws; by a callback, as
   * each promise on the way would let the session be here first.
   */
  read(
    key: LoginKey,
    user: UserKey,
    take: (error: unknown, login: Login | null, epoch: EpochNumber) => void,
  ): void;
}

/** Counters of tries. */
export interface TryStore {
  /** Adds one and returns the new count. The life starts with the first and is not extended by later ones. */
  count(id: string, life: number): Promise<number>;
  /** Takes one back that turned out not to be a guess. Never below 0, never without an expiry. */
  takeBack(id: string, life: number): Promise<void>;
  /** The count, and how many ms until it is forgotten (0 when there is none). */
  read(id: string): Promise<{ count: number; left: number }>;
}

/** Codes that were sent, and challenges. They are read in the tick in which a try is counted, after it. */
export interface CodeStore {
  /**
   * Notes a code for `life` ms, in one round trip. Of one id the newest two by `issuedAt` stay: a slow network may
   * bring the older one last.
   */
  put(id: string, code: Issued, life: number): Promise<void>;
  /** The newest first. */
  read(id: string): Promise<readonly Issued[]>;
  /** Forgets one of them: its message could not be sent. */
  remove(id: string, code: Issued): Promise<void>;
}

/** How many messages may be sent. */
export interface BudgetStore {
  /**
   * Takes one from each budget, in the order given and in one round trip. If one of them is used up, the others get
   * back what was taken (until then they may refuse somebody else); the refused try itself is not counted. Of many at
   * once never more pass than a budget holds.
   */
  take(budgets: readonly Budget[]): Promise<Taken>;
  /** Puts one back into each: nothing where none was taken, or where that is forgotten by now. */
  giveBack(budgets: readonly Budget[]): Promise<void>;
}

/** Set-ups in progress, sealed, and what else is the first that somebody put there. */
export interface SetupStore {
  /** Stores `value` for `life` ms if nothing is there, and returns what is there now. */
  put(id: string, value: string, life: number): Promise<string>;
  get(id: string): Promise<string | null>;
  remove(id: string): Promise<void>;
}

/**
 * Short-lived state, in six small stores, each of which may be one of your own. Every entry expires.
 * None decides a race: losing all of it signs people out, and nothing more.
 */
export interface Pending {
  readonly logins: LoginStore;
  readonly epochs: EpochStore;
  readonly tries: TryStore;
  readonly codes: CodeStore;
  readonly budgets: BudgetStore;
  readonly setups: SetupStore;
  /**
   * Record and number by one command, where one server has both. It is used only while `logins` and `epochs` are the
   * two stores it names, so whoever replaces one of them need not know of it.
   */
  readonly together?: LoginWithEpoch;
  /** Ends timers and what else it opened itself; never a client that the caller made. */
  close(): Promise<void>;
}
