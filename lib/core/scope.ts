import type {
  Account,
  CodeType,
  Factor,
  FactorId,
  FactorType,
  LaneName,
  ProofType,
  Sealed,
  UserId,
  Limits,
} from '../account/account';
import type { EvidenceItem, Recovery } from '../account/recovery';
import type { CodeDigests } from '../crypto/digest';
import type { Seal, SealContext } from '../crypto/seal';
import type { VisitorChallenges } from '../crypto/visitor-challenge';
import type { Address } from '../delivery/address';
import type { Delivery } from '../delivery/delivery';
import type { NotSent } from '../delivery/hand-over';
import type { Refusal } from '../errors';
import type { Happened, PlannedEvent, RequestContext } from '../events';
import type { UserVerification } from '../factors/webauthn-challenge';
import type { WebauthnPolicy } from '../factors/webauthn-policy';
import type { RelyingParty } from '../factors/webauthn-relying-party';
import type { Accounts, KeyProof, Login, Pending, Proof, Issued } from '../stores/contracts';
import type { EvidenceRules } from '../recovery/points';
import type { EvidenceDocument } from '../stores/evidence';
import type { ImportedFactor } from './imported-factor';
import type { DraftOf, Proven, Setup } from './setup-data';

/** The numbers that the use cases apply, resolved from the options. Times in ms. */
export interface Settings {
  readonly limits: Limits;
  readonly totpWindow: number;
  readonly halfLogin: number;
  /** What happens to a login from a browser that the account does not know, once its proof was right. */
  readonly newBrowser: 'confirm' | 'notice' | 'off';
  /** How long a login waits for the link that confirms such a browser. */
  readonly linkLife: number;
  /** How many wrong proofs a half login, or a step-up, may give. */
  readonly loginTries: number;
  /** How long a half login that ended can be told from one that never was. */
  readonly endedKnown: number;
  readonly loginLife: number;
  /** How long a browser may be remembered; null: none is. */
  readonly rememberBrowser: number | null;
  readonly fresh: number;
  readonly setupLife: number;
  /** How long after its start a login can see and confirm its set-up without another proof. */
  readonly setupOpen: number;
  readonly setupTries: number;
  /** How long a code is valid after it was sent. */
  readonly codeLife: number;
  /** null: security keys are off. */
  readonly keys: KeySettings | null;
  /** null: nobody can ask for access again here. */
  readonly recovery: RecoverySettings | null;
}

/** How those are let in again who have lost everything. Times in ms. */
export interface RecoverySettings {
  readonly evidence: EvidenceRules;
  /** From the approval until access: where the contact is on file, and otherwise. */
  readonly waits: { readonly short: number; readonly long: number };
  /** Two people approve, whoever it is about. */
  readonly twoPeople: boolean;
  /** For how long the app should hold what matters after it. */
  readonly hold: number;
  /** Whether two people together can make a code for live support. */
  readonly liveCode: boolean;
}

/** The documents that belong to requests, in the app's own store. */
export interface Documents {
  /** bytes */
  readonly maxBytes: number;
  /** Of one request. */
  readonly maxFiles: number;
  /** @throws SecondFactorError `unavailable` */
  keep(
    request: Pick<Recovery, 'evidence' | 'reference'>,
    bytes: Buffer,
    now: number,
  ): Promise<{ readonly ok: true; readonly file: NonNullable<EvidenceItem['file']> } | Refusal>;
  /** For a reviewer; null: it is gone. */
  read(
    request: Pick<Recovery, 'reference'>,
    item: Pick<EvidenceItem, 'file'>,
  ): Promise<EvidenceDocument | null>;
  /** They are no longer needed. Never fails: what is left is swept later. */
  drop(ids: readonly string[]): Promise<void>;
}

/** The site as keys know it, and what it requires of them. */
export interface KeySettings {
  readonly party: RelyingParty;
  readonly policy: WebauthnPolicy;
  /** For keys as a second factor; one that signs in by itself must always verify. */
  readonly userVerification: UserVerification;
  readonly passkeys: boolean;
  /** How many a user may have. */
  readonly most: number;
}

/** Events that carry their request, wherever in the use case they are told. */
export interface BoundEvents {
  emit(event: PlannedEvent, happened: Happened): void;
}

/** A change of an account that is about to be saved. */
export interface AccountChange {
  readonly before: Account;
  readonly account: Account;
  readonly events: readonly PlannedEvent[];
  readonly now: number;
}

export interface PlannedChange extends Pick<AccountChange, 'account' | 'events'> {
  /** Called once it is saved. */
  readonly written?: () => void;
}

/** What is sent to a user besides codes. */
export interface Notices {
  /** Adds to a change of an account what its user is to be told of it, so that both are saved together. */
  plan(change: AccountChange): Promise<PlannedChange>;
  /**
   * The addresses that the user has now: those that the app names, and those that were proven; null if the app should
   * name some and never has.
   */
  addressesOf(account: Account): Promise<readonly Address[] | null>;
  /** @returns why it was not sent; null if the provider accepted it */
  sendLink(account: Account, to: Address, url: string): Promise<NotSent | null>;
}

/** What a use case works with: the parts made at construction, and stores under the deadline of one request. */
export interface Scope {
  readonly settings: Settings;
  /** Every kind of proof there is. */
  readonly kinds: Kinds;
  readonly accounts: Accounts;
  readonly pending: Pending;
  readonly seal: Seal;
  readonly codeDigests: CodeDigests;
  readonly visitorChallenges: VisitorChallenges;
  readonly delivery: Delivery;
  readonly events: BoundEvents;
  readonly notices: Notices;
  /** Whether a hash that another system made is of this backup code, as the app says; null: it can't. */
  readonly verifyHash: ((hash: string, code: string) => Promise<boolean>) | null;
  /** Called before logins are ended: what this process has read of them no longer counts. */
  endLogins(): void;
  /** null: the app takes no documents. */
  readonly documents: Documents | null;
  /** The request that this is done for; null where the app has called us by itself. */
  readonly request: RequestContext | null;
  now(): number;
  /** Waits between two attempts to save. */
  pause(ms: number): Promise<void>;
}

/** What decides which kinds of proof an app offers its users. */
export type Offering = Pick<Scope, 'delivery' | 'settings' | 'kinds'>;

/**
 * One kind of proof: everything that differs between kinds. Every list of kinds is made from the table of these, so one
 * that is in the table is read, judged, offered, counted, re-sealed and named in a login like any other.
 */
export interface Kind {
  /** This user's can be guessed, so the lanes of the account protect it. */
  isGuess(account: Account): boolean;
  /** It answers a code or a challenge that was issued to a login and stored with it. */
  readonly isIssued: boolean;
  /** It is enough to change factors; other kinds are only for users with nothing stronger. */
  readonly isStrong: boolean;
  /** It can't be phished (NIST SP 800-63B-4 §3.2.5). */
  readonly resistsPhishing: boolean;
  /** It is lost with the phone. */
  readonly isOnPhone: boolean;
  /** Its refusals are worded differently, as it is not a code. */
  readonly hasOwnWords: boolean;
  /** Its name in RFC 8176 §2; null: it has none, and only counts as `mfa`. */
  amr(proof: Proof): string | null;
  /** Whether it is switched on in the app. */
  isOn(app: Offering): boolean;
  /** How many of this kind let the user of this account in; null: none was ever set up. */
  countOf(app: Offering, account: Account): number | null;
  /** A malformed proof is refused before anything is counted. */
  read(input: ProofInput, of: Pick<Tried, 'scope' | 'userId'>): Reading | Promise<Reading>;
  /** Called when a proof was accepted. */
  noteAccepted?(scope: Scope): void;
  /** How such a factor is kept; null: it is not a factor, like backup codes. */
  readonly factor: FactorKind | null;
}

export type FactorOf<Type extends FactorType> = Extract<Factor, { type: Type }>;

/** How factors of one kind are made, and what is kept of them. */
export interface FactorKind<Type extends FactorType = FactorType> {
  /** How many a user may have. */
  most(settings: Settings): number;
  /** Whether it lets its user in, provided its kind is on. */
  isUsable(settings: Settings, factor: FactorOf<Type>): boolean;
  /** The factor with each part that is sealed rewritten. */
  mapSealed(factor: FactorOf<Type>, user: UserId, map: Rewrite): FactorOf<Type>;
  /** What its owner may see of it, besides what all factors have. */
  describe(
    settings: Settings,
    factor: FactorOf<Type>,
  ): { readonly hint: string | null; readonly key: KeyStatus | null; readonly weak?: true };
  /** What a set-up of this kind holds from its start. `name`: what its owner wants it to be called. */
  draft(account: Account, name: string | null): DraftOf<Type>;
  /** Whether a set-up can still become a factor, as far as its kind is concerned. */
  isLive(setup: Setup<Type>, account: Account): boolean;
  /** The factor of a proven set-up, decided on the account that is saved over. */
  make(
    account: Account,
    proven: Proven<Type>,
    base: FactorBase,
    scope: Scope,
  ): { readonly ok: true; readonly account: Account; readonly factor: FactorOf<Type> } | Refusal;
  /** What the proof says about the key, if this factor switches two-factor on. */
  proofOf(factor: FactorOf<Type>, proven: Proven<Type>): KeyProof;
  /** How a factor that was proven elsewhere is imported; null: it can't be. */
  readonly import: ((scope: Scope, given: ImportedFactor) => Addition | Refusal) | null;
}

export interface KeyStatus {
  /** How browsers reach it, in their terms: `usb`, `nfc`, `ble`, `internal`, `hybrid` … */
  readonly transports: readonly string[];
  /** It can be copied to other devices of its owner. */
  readonly synced: boolean;
  /** Its model; all zeros if that is not revealed. */
  readonly aaguid: string;
  /** The domain it was made for. */
  readonly rpId: string;
  /** false: the app's domain has changed since, and the key can't be used. */
  readonly usable: boolean;
}

/** What all factors have in common. */
export type FactorBase = Pick<Factor, 'id' | 'label' | 'createdAt' | 'lastUsedAt' | 'usedUpTo'>;

export type Rewrite = (sealed: Sealed, context: SealContext) => Sealed;

/** What an import adds to an account. */
export interface Addition {
  readonly ok: true;
  /** The field whose value this account already has. */
  duplicate(account: Account): 'secret' | 'address' | 'credential' | null;
  add(account: Account, base: FactorBase): Account;
}

/** All kinds, the strongest first: the order in which people are offered them. */
export type Kinds = { readonly [Type in ProofType]: KindOf<Type> };

export type KindOf<Type extends ProofType> = Omit<Kind, 'factor'> & { readonly factor: FactorKindOf<Type> };

type FactorKindOf<Type extends ProofType> = Type extends CodeType
  ? FactorKind<CodeType>
  : Type extends FactorType
    ? FactorKind<Type>
    : null;

/** A proof as received: the code as typed, or what the browser sent for a key. */
export interface ProofInput {
  readonly code?: unknown;
  /** `AuthenticationResponseJSON`, as an object or as text. */
  readonly response?: unknown;
}

export interface ReadProof {
  readonly ok: true;
  /** A wrong one is charged to a lane, and given back by a right one of the same login. */
  readonly isGuess?: true;
  /** Does the slow part, once the try has been counted and before the save. */
  weigh(tried: Tried): Weighed | Promise<Weighed>;
}

export type Reading = ReadProof | Refusal;

/** The tries of one login: wrong proofs of any kind, including guesses at codes. */
export interface CountedTry {
  /** Wrong guesses of this login that were charged to the lane; a correct one gives them back. */
  readonly guessesBefore: number;
  /** How many are left if this one is wrong. */
  readonly leftAfter: number;
  /** The codes or challenges of this kind that were issued to this login; read after the try was counted. */
  readonly issued: readonly Issued[];
  /** It turned out not to be a guess (refused unchecked, or used before). */
  giveBack(): Promise<void>;
  /** It was wrong. Noted only after the lane was charged, so that nothing is ever given back that was not charged. */
  spend(): Promise<void>;
  /** It was correct, so it does not count as wrong, and the lane gets its guesses back only once. */
  settle(): Promise<void>;
}

export interface Tried {
  readonly scope: Scope;
  readonly userId: UserId;
  readonly login: Login | null;
  /** What the browser sent in its cookie. */
  readonly tokens: readonly string[];
  readonly counted: CountedTry | null;
}

export interface Weighed {
  readonly judge: Judge;
  /** The account as loaded for this; the save finds out whether it is still current. */
  readonly account?: Account | null;
}

/** The rule by which a proof is judged: on the latest account, within its save. */
export type Judge = (input: JudgeInput) => Judgement;

export interface JudgeInput {
  readonly account: Account;
  readonly now: number;
  readonly lane: LaneName;
  readonly counted: CountedTry | null;
  readonly login: Login | null;
  readonly scope: Scope;
}

/** What a kind says about a proof, and the account if the proof changed it. */
export interface Judgement {
  /** If left out, it is unchanged. */
  readonly account?: Account;
  readonly verdict:
    { readonly ok: true; readonly factorId: FactorId | null; readonly key?: KeyProof } | Refusal;
  readonly events?: readonly PlannedEvent[];
  /** It was refused unchecked, or was right but used before: it does not count as a try. */
  readonly free?: true;
}
