import type { AuditTrail } from './audit';
import type { OwnerRules, Recovery, RecoveryId, Reply, RequestState } from './recovery';
import type {
  BrowserName,
  Channel,
  CodeType,
  FactorId,
  ProofType,
  Rev,
  Sealed,
  StaffAction,
  UserId,
} from './terms';

export type * from './terms';

interface FactorBase {
  readonly id: FactorId;
  readonly label: string;
  /** ms since 1970 */
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** Nothing at or below this is accepted again: a time step for TOTP, ms for a code or challenge. */
  readonly usedUpTo: number;
}

export interface TotpFactor extends FactorBase {
  readonly type: 'totp';
  readonly secret: Sealed;
  /** What follows the account's name in its entry in the app: `2`, `Tablet`. Absent: nothing does. */
  readonly entry?: string;
  /** It was imported with a seed of under 128 bits (RFC 4226 §4 R6): it works, and its owner is asked to replace it. */
  readonly weak?: true;
}

export interface SentCodeFactor extends FactorBase {
  readonly type: CodeType;
  /** E.164, or an e-mail address in canonical form. */
  readonly address: Sealed;
  /** What its owner may see of it: `•••••••89`, `a•••@e•••.com`. */
  readonly hint: string;
}

/** COSE numbers of the signatures we accept: EdDSA, ES256, RS256. */
export type KeyAlgorithm = -8 | -7 | -257;

/** A hardware key, or a device's fingerprint or face reader. All but count and backup is as of when it was added. */
export interface WebauthnFactor extends FactorBase {
  readonly type: 'webauthn';
  /** base64url of at most 1023 bytes; no two users have the same. */
  readonly credentialId: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly algorithm: KeyAlgorithm;
  /** As of its last use; 0 for keys that don't count. */
  readonly signCount: number;
  /** It can be copied to other devices; false means it is bound to one. Never changes (WebAuthn 3 §7.2 step 19). */
  readonly backupEligible: boolean;
  /** It has been copied, as of its last use. */
  readonly backedUp: boolean;
  /** How browsers reach it, in their own terms. */
  readonly transports: readonly string[];
  /** Its model, as a UUID; all zeros if unknown. Only a claim unless `attested`. */
  readonly aaguid: string;
  /** The domain it was made for. It works for no other. */
  readonly rpId: string;
  /** It was added with a PIN, fingerprint or face, not a touch alone. */
  readonly userVerified: boolean;
  /** Its maker vouched for it, with a certificate that leads to one of the app's trusted roots. */
  readonly attested: boolean;
  /** It was imported, and calls its user something other than `handle`: it is a second factor, and never both. */
  readonly otherHandle?: true;
  /** It was imported without saying whether it can be copied, so its first answer decides `backupEligible`. */
  readonly backupUnknown?: true;
}

export type Factor = TotpFactor | SentCodeFactor | WebauthnFactor;

export interface BackupCode {
  readonly digest: Sealed;
  readonly usedAt: number | null;
  /** `digest` is what another system stored of it, which only the app can check. Never set on a used one. */
  readonly foreign?: true;
}

export interface BackupCodes {
  readonly createdAt: number;
  readonly codes: readonly BackupCode[];
  /** Made by another system, and perhaps short enough to be guessed: the lanes protect them. */
  readonly imported?: true;
}

/**
 * How the password was last set, or the login started: with a message to a phone or a mailbox. Whoever controls it also
 * gets the codes sent there, so they prove nothing until another kind of proof is given. `at` in ms.
 */
export interface Reset {
  readonly channel: Channel | 'both';
  readonly at: number;
}

/** A budget of guesses: `left` as of `at` (ms), and how many were wrong in a row. */
export interface Lane {
  readonly left: number;
  readonly at: number;
  readonly wrong: number;
}

/** A browser that has completed a login or an enrolment before. */
export interface Browser {
  /** Tells it apart for its owner, and stays the same when its token changes. Opens nothing. */
  readonly id: string;
  /** null: it said nothing that we know. */
  readonly name: BrowserName | null;
  readonly digest: Sealed;
  readonly addedAt: number;
  readonly lastSeenAt: number;
  readonly remembered?: Remembered;
}

/** Its user chose not to be asked for a second factor in it. Times in ms. */
export interface Remembered {
  readonly since: number;
  /** As its user was told. Using it does not extend that. */
  readonly until: number;
  /** Digest of what all its tokens begin with. Whoever brings one that was replaced has a copy. */
  readonly family: Sealed;
  /** The previous token, and when it was replaced: tabs that ask at the same time may still bring it. */
  readonly previous?: { readonly digest: Sealed; readonly at: number };
}

export type LaneName = 'known' | 'others';

/** An address at which the user is told of what happens to the account. Times in ms. */
export interface Contact {
  readonly channel: Channel;
  readonly address: Sealed;
  /** When it became the user's: as the app says, or when it was first seen. */
  readonly since: number;
  /** The app gave it; otherwise it belongs to a factor. */
  readonly named: boolean;
  /** When it was found to be gone; null while it is in use. */
  readonly goneAt: number | null;
}

/** One thing that happened, for the user to be told. The words are chosen when it is sent. */
export interface Told {
  /** The name of the event. */
  readonly name: string;
  readonly type?: ProofType;
  /** The name that its owner gave the factor. */
  readonly label?: string;
  readonly left?: number;
  readonly lane?: LaneName;
  /** The user has been told of it so often within the hour that this is the last time. */
  readonly last?: true;
  /** Of a request for access: its reference, how far it is, and when access is possible (ms). */
  readonly reference?: string;
  readonly state?: RequestState;
  readonly until?: number;
  /** What somebody of the operator's did. */
  readonly action?: StaffAction;
}

/** Where a notice has yet to be sent. */
export interface Recipient {
  readonly channel: Channel;
  readonly address: Sealed;
  /** As in `Contact`. */
  readonly since: number;
  readonly goneAt: number | null;
}

/** How often the user was told of one thing, in the hour that began `at` (ms). */
export interface ToldOf {
  readonly name: string;
  readonly at: number;
  readonly times: number;
}

/** A notice that has yet to be sent to some of its recipients. Times in ms. */
export interface OutboxItem {
  /** The same in every copy, so that a second one can be recognised. */
  readonly id: string;
  readonly at: number;
  readonly told: readonly Told[];
  /** The request that caused it; null where the app did. */
  readonly from: {
    readonly browser: BrowserName | null;
    readonly address: string | null;
  } | null;
  readonly language: string;
  /** The user's, where the app knows it. */
  readonly timeZone: string | null;
  /** The request for access that it tells of: its link stops that. */
  readonly request?: RecoveryId;
  /** It goes to whoever asks for access, where they wanted to be answered. */
  readonly answers?: true;
  /** What a reviewer says to them. */
  readonly reply?: Reply;
  /** Which link to set up new factors it brings. */
  readonly ticket?: string;
  readonly to: readonly Recipient[];
  /** How often it was tried, including the try under way. */
  readonly tries: number;
  /** When it is tried next. While it is being tried: until when nobody else may try it. */
  readonly dueAt: number;
}

/** A change that can be objected to, by the link in its notice. Times in ms. */
export interface Objectionable {
  /** The id of the notice. */
  readonly id: string;
  readonly at: number;
  readonly told: readonly Told[];
  /** The factors that it added. */
  readonly added: readonly FactorId[];
  /** It made backup codes. */
  readonly madeCodes: boolean;
}

/** Nothing can be changed until then, unless it is lifted by a proof of something older than the change. */
export interface Hold {
  readonly until: number;
  /** When the change happened that was objected to. */
  readonly changedAt: number;
}

/** One call of a webhook that has yet to be made. Times in ms. */
export interface WebhookCall {
  /** The same in every try. */
  readonly id: string;
  readonly at: number;
  /** Which of the app's webhooks: see `hookKey`. */
  readonly hook: string;
  /** The event as listeners get it, without the user and the time. */
  readonly event: { readonly name: string; readonly [detail: string]: unknown };
  readonly browser: BrowserName | null;
  readonly requestId: string | null;
  /** As in `OutboxItem`. */
  readonly tries: number;
  readonly dueAt: number;
}

/** A code for live support, which another person has to confirm. Times in ms. */
export interface LiveCode {
  /** Tells it from one that replaces it. Opens nothing. */
  readonly id: string;
  readonly digest: Sealed;
  readonly until: number;
  readonly by: UserId;
  readonly confirmedBy?: UserId;
}

/** Everything durable about one user's second factor. Changed only by compare-and-swap on `rev`. */
export interface Account {
  readonly userId: UserId;
  readonly rev: Rev;
  /** Logins carry the epoch they were made in; with any other epoch they are signed out. ms, 0 = never stored. */
  readonly epoch: number;
  readonly factors: readonly Factor[];
  readonly backupCodes: BackupCodes | null;
  readonly preferred: FactorId | null;
  readonly lanes: { readonly [name in LaneName]: Lane };
  readonly browsers: readonly Browser[];
  /**
   * How keys identify the user: 64 random bytes, base64url, made with the first key and never changed, not even when
   * the last key is removed: authenticators keep one passkey per handle (WebAuthn 3 §14.6.1).
   */
  readonly handle?: string;
  /** Until another kind of proof is given. */
  readonly resetBy?: Reset;
  /** No link that confirms a new browser, issued at or before this (ms), counts any more. */
  readonly confirmedUpTo?: number;
  /** Where the user is told what happens, as of the last time that anyone looked. */
  readonly contacts?: readonly Contact[];
  /** The language of notices: that of the last login from a browser seen before. */
  readonly language?: string;
  /** What the user was told in the last hour, and how often. */
  readonly toldOf?: readonly ToldOf[];
  readonly outbox?: readonly OutboxItem[];
  /** What can still be objected to, newest first. */
  readonly objections?: readonly Objectionable[];
  /**
   * Factors that count as enrolled, but not as a proof: their owner objected to them. In a list of their own, so no
   * code that judges a proof can forget to leave them out.
   */
  readonly suspended?: readonly Factor[];
  readonly hold?: Hold;
  readonly calls?: readonly WebhookCall[];
  /** Requests for access again, newest first: at most one is open. */
  readonly recoveries?: readonly Recovery[];
  /** What its owner has decided in advance about such requests. */
  readonly ownerRules?: OwnerRules;
  /** When access was given again, ms. */
  readonly recoveredAt?: number;
  /** When a phone number, a mail address or the password was last changed, ms. */
  readonly reachChangedAt?: number;
  /** When somebody last had it blocked without signing in, ms. */
  readonly blockedAt?: number;
  /** Tokens of browsers that were forgotten by that: they are new again, and keep the tries of known ones. */
  readonly formerBrowsers?: readonly Sealed[];
  /** With it, its owner can sign in once while support is on the phone. */
  readonly liveCode?: LiveCode;
  /**
   * It belongs to nobody: a request for access that must look like any other, until then (ms). Its user id begins with
   * `shadow:`.
   */
  readonly shadowUntil?: number;
  /** What was done to it by people who are not its owner, and what is yet to reach the audit store. */
  readonly audit?: AuditTrail;
  /** When something is to be done next: a notice, a webhook, a step of a request. ms. Absent: nothing is. */
  readonly dueAt?: number;
  /** The state and the time (ms) of the open request, for the list of a reviewer. Absent: there is none. */
  readonly openRequest?: { readonly state: RequestState; readonly dueAt: number };
  /** Covers all of the above, made at each save: see `AccountMacs`. */
  readonly mac?: string;
}

/** The numbers behind the account rules, resolved from the options. Times in ms. */
export interface Limits {
  /** The tries in a full lane, and how long until one comes back. */
  readonly laneTries: number;
  readonly laneRefill: number;
  /** How many wrong in a row close a lane: NIST SP 800-63B-4 §3.2.2 allows at most 100. */
  readonly laneCloses: number;
  readonly browsers: number;
  readonly totpApps: number;
  /** Phone numbers, and mail addresses, a user may have. */
  readonly addresses: number;
  /** Factors a user must keep once two-factor is on. */
  readonly keepFactors: number;
}

/** A lane nobody has guessed in: full whatever the limits, because `left` is capped when read. */
export const freshLane: Lane = { left: Number.MAX_SAFE_INTEGER, at: 0, wrong: 0 };

/** The account of a user who has never been stored: nothing enrolled, epoch 0. */
export const blankAccount = (userId: UserId): Account => ({
  userId,
  rev: '' as Rev,
  epoch: 0,
  factors: [],
  backupCodes: null,
  preferred: null,
  lanes: { known: freshLane, others: freshLane },
  browsers: [],
});

/**
 * Ends every earlier login, and a code for live support, which would begin another. Never behind the clock, so an account
 * that is deleted and created again cannot get an epoch that an old login still carries.
 */
export const moveEpoch = ({ liveCode: _, ...account }: Account, now: number): Account => ({
  ...account,
  epoch: Math.max(account.epoch + 1, now),
});
