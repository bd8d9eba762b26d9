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
import type { CodeDigests } from '../crypto/digest';
import type { Seal, SealContext } from '../crypto/seal';
import type { VisitorChallenges } from '../crypto/visitor-challenge';
import type { Delivery } from '../delivery/delivery';
import type { Refusal } from '../errors';
import type { Events, PlannedEvent } from '../events';
import type { UserVerification } from '../factors/webauthn-challenge';
import type { WebauthnPolicy } from '../factors/webauthn-policy';
import type { RelyingParty } from '../factors/webauthn-relying-party';
import type { Accounts, KeyProof, Login, Pending, Proof, Issued } from '../stores/contracts';
import type { DraftOf, Proven, Setup } from './setup-data';

/** The numbers the use cases go by, resolved from the options. Times in ms. */
export interface Settings {
  readonly limits: Limits;
  readonly totpWindow: number;
  readonly halfLogin: number;
  /** Wrong proofs a half login, or a step-up, may give. */
  readonly loginTries: number;
  /** How long an ended half login can still be told from none. */
  readonly endedKnown: number;
  readonly loginLife: number;
  readonly fresh: number;
  readonly setupLife: number;
  /** How long after its start a set-up can be seen and confirmed by its login without another proof. */
  readonly setupOpen: number;
  readonly setupTries: number;
  /** How long a code that was sent can be typed in. */
  readonly codeLife: number;
  /** null: the app has no security keys. */
  readonly keys: KeySettings | null;
}

/** The site as keys know it, and what it takes of them. */
export interface KeySettings {
  readonly party: RelyingParty;
  readonly policy: WebauthnPolicy;
  /** Of keys as a second factor; one that signs in alone always has to verify. */
  readonly userVerification: UserVerification;
  readonly passkeys: boolean;
  /** How many a user may have. */
  readonly most: number;
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
  readonly events: Pick<Events, 'emit'>;
  now(): number;
  /** Waits between two attempts of one save. */
  pause(ms: number): Promise<void>;
}

/** What an app offers its users: by which kinds of proof, and with what. */
export type Offering = Pick<Scope, 'delivery' | 'settings' | 'kinds'>;

/**
 * One kind of proof: all that differs from one kind to the next. Every list of kinds is made from the table of these, so
 * one that is in the table is read, judged, offered, counted, sealed anew and named in a login like any other.
 */
export interface Kind {
  /** It can be guessed, so the lanes of the account protect it. */
  readonly isGuess: boolean;
  /** It answers a code or a challenge that was issued to a login and noted with it. */
  readonly isIssued: boolean;
  /** Enough to change factors with; the others are that only for who has nothing stronger. */
  readonly isStrong: boolean;
  /** It can't be phished (NIST SP 800-63B-4 §3.2.5). */
  readonly resistsPhishing: boolean;
  /** It is lost with the phone. */
  readonly isOnPhone: boolean;
  /** Its refusals have words of their own: it is no code. */
  readonly hasOwnWords: boolean;
  /** Its name in RFC 8176 §2; null: it has none there, and counts as `mfa` alone. */
  amr(proof: Proof): string | null;
  /** Whether the app has it at all. */
  isOn(app: Offering): boolean;
  /** How many proofs of this kind the account has that let its user in; null: none was ever set up. */
  countOf(app: Offering, account: Account): number | null;
  /** What is malformed is refused before anything is counted. */
  read(input: ProofInput): ReadProof | Refusal;
  /** One was accepted. */
  noteAccepted?(scope: Scope): void;
  /** How such a factor is kept; null: it is none, as backup codes are. */
  readonly factor: FactorKind | null;
}

export type FactorOf<Type extends FactorType> = Extract<Factor, { type: Type }>;

/** How the factors of one kind come to be, and what is kept of them. */
export interface FactorKind<Type extends FactorType = FactorType> {
  /** How many a user may have. */
  most(settings: Settings): number;
  /** Whether it lets its user in where the app has its kind. */
  isUsable(settings: Settings, factor: FactorOf<Type>): boolean;
  /** The factor with each part that is sealed rewritten. */
  mapSealed(factor: FactorOf<Type>, user: UserId, map: Rewrite): FactorOf<Type>;
  /** What its owner may see of it besides what all factors have. */
  describe(
    settings: Settings,
    factor: FactorOf<Type>,
  ): { readonly hint: string | null; readonly key: KeyStatus | null };
  /** What a set-up needs of its own from its start on. `name`: as its owner wants it called. */
  draft(account: Account, name: string | null): DraftOf<Type>;
  /** Whether a set-up can still become real, for reasons of its own. */
  isLive(setup: Setup<Type>, account: Account): boolean;
  /** The factor of a set-up that was proven, decided on the account it is saved over. */
  make(
    account: Account,
    proven: Proven<Type>,
    base: FactorBase,
    scope: Scope,
  ): { readonly ok: true; readonly account: Account; readonly factor: FactorOf<Type> } | Refusal;
  /** What the proof says that switched two-factor on with it. */
  proofOf(factor: FactorOf<Type>, proven: Proven<Type>): KeyProof;
  /** How one that was proven elsewhere is taken over; null: it can't be. */
  readonly import: ((scope: Scope, given: ImportedFactor) => Addition | Refusal) | null;
}

export interface KeyStatus {
  /** How browsers reach it, in their words: `usb`, `nfc`, `ble`, `internal`, `hybrid` … */
  readonly transports: readonly string[];
  /** It can be copied to other devices of its owner. */
  readonly synced: boolean;
  /** Its model; all zeros where that is not told. */
  readonly aaguid: string;
  /** The domain it was made for. */
  readonly rpId: string;
  /** false: the app has another domain by now, and it can't be used. */
  readonly usable: boolean;
}

/** What all factors have. */
export type FactorBase = Pick<Factor, 'id' | 'label' | 'createdAt' | 'lastUsedAt' | 'usedUpTo'>;

export type Rewrite = (sealed: Sealed, context: SealContext) => Sealed;

/** An authenticator app that was proven elsewhere. */
export interface ImportedTotp {
  readonly type: 'totp';
  /** Base32, 16 to 64 bytes. */
  readonly secret: string;
  readonly label: string;
}

/** A phone or a mailbox that was proven elsewhere to be the user's. */
export interface ImportedAddress {
  readonly type: CodeType;
  /** A phone number, with its country code unless it is of `sms.defaultRegion`; or a mail address. */
  readonly address: string;
  readonly label: string;
}

/** A factor that was proven elsewhere, such as in the system that is being replaced. */
export type ImportedFactor = ImportedTotp | ImportedAddress;

/** What an import adds to an account, and why not. */
export interface Addition {
  readonly ok: true;
  /** The field whose value this account has already. */
  duplicate(account: Account): 'secret' | 'address' | null;
  make(account: Account, base: FactorBase): Factor;
}

/** The kinds there are, the strongest first: the order in which people are offered them. */
export type Kinds = { readonly [Type in ProofType]: KindOf<Type> };

export type KindOf<Type extends ProofType> = Omit<Kind, 'factor'> & { readonly factor: FactorKindOf<Type> };

type FactorKindOf<Type extends ProofType> = Type extends CodeType
  ? FactorKind<CodeType>
  : Type extends FactorType
    ? FactorKind<Type>
    : null;

/** A proof as it came: the code as typed, or what the browser said of a key. */
export interface ProofInput {
  readonly code?: unknown;
  /** `AuthenticationResponseJSON`, or its text. */
  readonly response?: unknown;
}

export interface ReadProof {
  readonly ok: true;
  /** What takes time is done here, once the try was counted and before the save. */
  weigh(tried: Tried): Weighed | Promise<Weighed>;
}

/** The tries of one login: wrong proofs of any kind, and among them the guesses at codes. */
export interface CountedTry {
  /** Wrong guesses of this login that the lane has paid for; what a right one gives back to it. */
  readonly guessesBefore: number;
  /** What is left if this one is wrong. */
  readonly leftAfter: number;
  /** The codes or challenges that were issued to this login, of the kind that is tried; read after the try was counted. */
  readonly issued: readonly Issued[];
  /** It turned out to be no guess (refused unread, or used before). */
  giveBack(): Promise<void>;
  /** It was wrong. Noted only now that the lane has paid, so that nothing it has not paid is ever given back. */
  spend(): Promise<void>;
  /** It was right, so it is no wrong one, and what it gave back to the lane is given back once. */
  settle(): Promise<void>;
}

export interface Tried {
  readonly scope: Scope;
  readonly userId: UserId;
  readonly login: Login | null;
  readonly counted: CountedTry | null;
}

export interface Weighed {
  readonly judge: Judge;
  /** As it was loaded for this; the save finds out whether it is still the newest. */
  readonly account?: Account | null;
}

/** By which rule a proof is judged: on the newest account, within its save. */
export type Judge = (input: JudgeInput) => Judgement;

export interface JudgeInput {
  readonly account: Account;
  readonly now: number;
  readonly lane: LaneName;
  readonly counted: CountedTry | null;
  readonly login: Login | null;
  readonly scope: Scope;
}

/** What a kind says of a proof, and the account if that changed it. */
export interface Judgement {
  /** Left out: it is as it was. */
  readonly account?: Account;
  readonly verdict:
    { readonly ok: true; readonly factorId: FactorId | null; readonly key?: KeyProof } | Refusal;
  readonly events?: readonly PlannedEvent[];
  /** It was refused unread, or was right but used before: it counts as no try. */
  readonly free?: true;
}
