import type {
  Account,
  BrowserName,
  CodeType,
  FactorId,
  FactorType,
  ProofType,
  Rev,
  UserId,
} from '../account/account';
import type { RequestFilter } from '../account/requests-among';

/**
 * Durable storage of accounts. It needs one thing from a database: a conditional write that exactly one of many
 * concurrent writers wins, and that is durable once acknowledged.
 */
export interface Accounts {
  /** The latest acknowledged state (never from a lagging replica), or null if there is none. */
  load(userId: UserId): Promise<Account | null>;
  /**
   * Stores `account` if the stored `rev` is still `over` (`null`: if this user has no account yet).
   * @returns whether it was stored: `false` means a lost race, a throw an unknown outcome
   */
  save(account: Account, over: Rev | null): Promise<boolean>;
  /** The account with this WebAuthn user handle, for passkeys. */
  findByHandle(handle: string): Promise<Account | null>;
  /** Deletes the account. Deleting one that does not exist is not an error. */
  remove(userId: UserId): Promise<void>;
  /** Every account, one by one, in any order, for admin work such as re-sealing. */
  all(): AsyncIterable<Account>;
  /**
   * The users whose account has a `dueAt` of `now` (ms) or earlier, the earliest first. Read only as far as needed, so
   * it must not load all of them at once. A store without it works, but each `tick()` walks through all of it.
   */
  due?(now: number): AsyncIterable<UserId>;
  /**
   * The accounts with a request for access: by `openRequest`, the one with the earliest `dueAt` first, then by user id;
   * only in one state, or only after a place in that order. Or those with a request of this reference; or in a state that
   * is no longer open, by user id alone. Read only as far as needed. A store without it works, but each look walks through
   * all of it.
   */
  withRequest?(filter: RequestFilter): AsyncIterable<Account>;
}

/** What is known of a proof by a security key. */
export interface KeyProof {
  /** The key checked a PIN, fingerprint or face. */
  readonly userVerified?: true;
  /** It is bound to one device, and its manufacturer vouched for that: `hwk` of RFC 8176. */
  readonly hardware?: true;
}

/** A proof that was accepted. `at` in ms. */
export interface Proof extends KeyProof {
  readonly type: ProofType;
  readonly factorId: FactorId | null;
  readonly at: number;
}

/**
 * What a half login needs to be completed: the user as Passport would have put it into the session, which of the
 * Passports, and whether the session keeps its data, with its cookie.
 */
export interface OwedLogin {
  readonly user: unknown;
  readonly keepSessionInfo: boolean;
  readonly passport: number;
  readonly cookie?: { readonly [attribute: string]: unknown };
}

/**
 * A half login whose proof was right, in a browser that the account does not know: it is completed by a link that was
 * sent to its user, opened in this browser.
 */
export interface WaitingLogin {
  /** The wait began when it was accepted. */
  readonly proof: Proof;
  /** Orders it among those of this user, whatever the clocks of processes say. */
  readonly issuedAt: number;
  /** Where its links go, masked. Where one could not be sent is left out of what its user is told. */
  readonly sentTo: readonly string[];
  /** Where the login is to lead. */
  readonly to: string | null;
  /** The browser is to be remembered once it is confirmed. */
  readonly remember?: true;
}

/** Where a login was made, as its user recognises it. */
export interface LoginPlace {
  readonly browser: BrowserName | null;
  /** An IPv4 address, or the /64 of an IPv6 address; null if unknown. */
  readonly address: string | null;
}

/**
 * The record of one login, keyed by the digest of its session id. Written once; only `lastAt` changes, and nothing
 * depends on it.
 */
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
  /** The session is older than the installation. Nobody knows when its login was made, so it is never fresh. */
  readonly adopted?: true;
  /** Only for a half login. */
  readonly owed?: OwedLogin;
  /** Only for a half login that just needs its link to be opened. */
  readonly waiting?: WaitingLogin;
  /** Only for a login of somebody who is let in again: it can set up new factors, for this request, and nothing else. */
  readonly enrol?: string;
  /**
   * The channel that already served as the first factor, as with a password reset by e-mail: not accepted as the
   * second.
   */
  readonly usedChannel?: CodeType;
  /** A proof made elsewhere that the app accepted (RFC 8176 method names; ms). */
  readonly accepted?: { readonly methods: readonly string[]; readonly at: number };
  /** Completed without a proof, in a remembered browser: its id. */
  readonly remembered?: string;
  /** Completed without a proof, by a code from the app's support. */
  readonly byStaff?: true;
  readonly from?: LoginPlace;
  /** When it was last used, to the minute (ms). Left out: at `since`. */
  readonly lastAt?: number;
}

/** Digest of a session id. */
export type LoginKey = string & { readonly brand: 'LoginKey' };
/** Digest of a user id. User ids may be e-mail addresses, so no key contains one. */
export type UserKey = string & { readonly brand: 'UserKey' };

/** A code that was sent. Digests and numbers only, so that a dump reveals nothing. */
export interface SentCode {
  readonly kind: 'code';
  readonly digest: string;
  readonly factorId: string;
  readonly issuedAt: number;
  /**
   * ms. Readers go by this, not by whether the store still has the code: it may stay longer when a newer one was sent
   * after it.
   */
  readonly until: number;
  /** The position of this code in a series requested one after the other, counted from 1. */
  readonly sends: number;
  /** Shown on the page and in the e-mail, so that people can tell two e-mails apart. Empty for an SMS. */
  readonly reference: string;
}

/** What a security key was asked to sign. */
export interface KeyChallenge {
  readonly kind: 'challenge';
  readonly digest: string;
  readonly issuedAt: number;
  /** ms. Readers go by this, as with a code. */
  readonly until: number;
  /** Whether the key must check a PIN, fingerprint or face, or should if it can. */
  readonly userVerification: 'preferred' | 'required';
}

/** What was issued to a login, to be answered by a proof. */
export type Issued = SentCode | KeyChallenge;

/** At most `points` in `ms`, counted from the first. `name` and `id` together identify the counter. */
export interface Budget {
  /** One of ours, such as `user`. */
  readonly name: string;
  /** A digest: no address and no user id. */
  readonly id: string;
  readonly points: number;
  /** Rounded up to whole seconds. */
  readonly ms: number;
}

/** Whether every budget had one left; if not, the one with the longest wait. */
export type Taken =
  { readonly ok: true } | { readonly ok: false; readonly name: string; readonly waitMs: number };

/** The cached epoch of an active user: a number; `'?'` while it is being changed; null when not cached. */
export type EpochNumber = number | '?' | null;

/** Login records, and a list of each user's. */
export interface LoginStore {
  /**
   * @param slideTo when not null, the record now expires in this many ms, set in the same round trip
   * @param usedAt given with a slide by a request of this login: becomes the record's `lastAt` in the same step, so that a
   * record that is removed or replaced at the same time is not brought back
   */
  read(key: LoginKey, slideTo: number | null, usedAt?: number): Promise<Login | null>;
  /**
   * Writes a record for `life` ms and then removes the one it replaces, in one round trip (up to two more when a user
   * has over 50 complete logins: the oldest is removed). For two minutes the store remembers what replaced a record
   * that existed.
   * @returns whether the one it replaces existed: of any number of calls that replace the same record, exactly one gets
   * true
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
   * Removes a record; if it was replaced less than two minutes ago, the one that replaced it, and so on. A sign-out
   * concurrent with a renewal knows only the old key.
   * @returns whether there was one
   */
  remove(key: LoginKey): Promise<boolean>;
  /** The complete logins of a user that have not expired, oldest first. */
  list(user: UserKey): Promise<readonly { readonly key: LoginKey; readonly login: Login }[]>;
}

/** The epoch numbers of users active in the last minute. A number is read in the same tick as the login record. */
export interface EpochStore {
  read(user: UserKey): Promise<EpochNumber>;
  /** Sets the number for 60 s (absolute), only if it is greater than the stored one, and never over a `?`. */
  raise(user: UserKey, epoch: number): Promise<void>;
  /** Sets the number to `?` for 120 s: meanwhile readers ask the account each time and cache nothing. */
  suspend(user: UserKey): Promise<void>;
}

/** Reads what a gated request needs in one command. */
export interface LoginWithEpoch {
  readonly logins: LoginStore;
  readonly epochs: EpochStore;
  /**
   * Does what `logins.read(key, null)` and `epochs.read(user)` do. Calls back once and never throws. It is a callback
   * because every promise on the way would give the session time to arrive first.
   */
  read(
    key: LoginKey,
    user: UserKey,
    take: (error: unknown, login: Login | null, epoch: EpochNumber) => void,
  ): void;
}

/** Counters of tries. */
export interface TryStore {
  /** Adds one and returns the new count. The counter expires `life` ms after the first; later ones don't extend it. */
  count(id: string, life: number): Promise<number>;
  /** Takes back one that turned out not to be a guess. Never below 0, never without an expiry. */
  takeBack(id: string, life: number): Promise<void>;
  /** The count, and in how many ms it expires (0 when there is none). */
  read(id: string): Promise<{ count: number; left: number }>;
}

/** Codes that were sent, and challenges. They are read in the same tick as a try is counted, and after it. */
export interface CodeStore {
  /**
   * Stores a code for `life` ms, in one round trip. For each id the newest two by `issuedAt` are kept: on a slow
   * network the older one may arrive last.
   */
  put(id: string, code: Issued, life: number): Promise<void>;
  /** Newest first. */
  read(id: string): Promise<readonly Issued[]>;
  /** Forgets one whose message could not be sent. */
  remove(id: string, code: Issued): Promise<void>;
}

/** Counters that limit how many messages are sent. */
export interface BudgetStore {
  /**
   * Takes one from each budget, in the order given and in one round trip. If one of them is used up, the others get
   * back what was taken (until then they may refuse someone else); the refused call itself is not counted. Of many
   * concurrent calls, never more succeed than a budget holds.
   */
  take(budgets: readonly Budget[]): Promise<Taken>;
  /** Puts one back into each, except where none was taken or the counter has expired. */
  giveBack(budgets: readonly Budget[]): Promise<void>;
}

/** Set-ups in progress, sealed, and other values of which only the first counts. */
export interface SetupStore {
  /** Stores `value` for `life` ms if nothing is there, and returns what is there now. */
  put(id: string, value: string, life: number): Promise<string>;
  get(id: string): Promise<string | null>;
  remove(id: string): Promise<void>;
}

/**
 * Short-lived state, in six small stores, any of which may be your own. Every entry expires. None decides a race:
 * losing all of it signs people out, and nothing more.
 */
export interface Pending {
  readonly logins: LoginStore;
  readonly epochs: EpochStore;
  readonly tries: TryStore;
  readonly codes: CodeStore;
  readonly budgets: BudgetStore;
  readonly setups: SetupStore;
  /**
   * Reads record and number with one command, where one server has both. It is used only while `logins` and `epochs`
   * are the two stores it names, so if you replace one of them you need not know about it.
   */
  readonly together?: LoginWithEpoch;
  /** Stops timers and closes whatever the store opened itself; never a client that the caller made. */
  close(): Promise<void>;
}
