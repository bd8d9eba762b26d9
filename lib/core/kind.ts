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
} from '../account/account';
import type { SealContext } from '../crypto/seal';
import type { Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import type { KeyProof, Login, Proof } from '../stores/contracts';
import type { ImportedFactor } from './import-factor';
import type { CountedTry } from './login-tries';
import type { Scope, Settings } from './scope';
import type { DraftOf, Proven, Setup } from './setup';
import type { FactorStatus } from './status';

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
  /** A false site can't get hold of it (NIST SP 800-63B-4 §3.2.5). */
  readonly resistsPhishing: boolean;
  /** It is gone with the phone. */
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
  describe(settings: Settings, factor: FactorOf<Type>): Pick<FactorStatus, 'hint' | 'key'>;
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

/** What all factors have. */
export type FactorBase = Pick<Factor, 'id' | 'label' | 'createdAt' | 'lastUsedAt' | 'usedUpTo'>;

export type Rewrite = (sealed: Sealed, context: SealContext) => Sealed;

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

export const typesOf = (kinds: Kinds): ProofType[] => Object.keys(kinds) as ProofType[];

/** Those a user can enrol. */
export const factorTypesOf = (kinds: Kinds): FactorType[] =>
  typesOf(kinds).filter((type): type is FactorType => kinds[type].factor !== null);

/** Of the table's own: an app may pass on what a client sent, such as `constructor`. */
export const kindOf = (kinds: Kinds, type: ProofType): Kind | undefined =>
  // Each line is typed by its own key, which TypeScript does not follow through a variable.
  (Object.hasOwn(kinds, type) ? kinds[type] : undefined) as Kind | undefined;

/** How a factor of this type is kept; undefined: a newer version knows it, this one does not. */
export const factorKind = (kinds: Kinds, type: FactorType): FactorKind | undefined =>
  kindOf(kinds, type)?.factor ?? undefined;

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
  readonly account: Account;
  readonly verdict:
    { readonly ok: true; readonly factorId: FactorId | null; readonly key?: KeyProof } | Refusal;
  readonly events?: readonly PlannedEvent[];
  /** It was refused unread, or was right but used before: it counts as no try. */
  readonly free?: true;
}
