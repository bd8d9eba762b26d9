import type { CodeType, FactorId, FactorType } from '../account/account';
import type { NewKey } from '../factors/webauthn-registration';

/** What is being set up: a factor, or a new set of backup codes. */
export type SetupKind = FactorType | 'backup-codes';

/** What one kind of set-up holds besides what all have. */
export type SetupDraft =
  /** `secret` in base64url; `entry` tells its entry in the app from others. */
  | { readonly kind: 'totp'; readonly secret: string; readonly entry: string }
  /** The user handle given to the key: the account's, or the one it will get with its first key. */
  | { readonly kind: 'webauthn'; readonly handle: string }
  | { readonly kind: CodeType }
  | { readonly kind: 'backup-codes' };

export type DraftOf<Kind extends SetupKind> = Kind extends CodeType
  ? { readonly kind: Kind }
  : Extract<SetupDraft, { kind: Kind }>;

/**
 * A set-up in progress, created at its start and never changed, so that a reload, a wrong code and a second tab see the
 * same. It belongs to one login, and to the epoch of the account in which it began.
 */
export type Setup<Kind extends SetupKind = SetupKind> = DraftOf<Kind> & {
  readonly factorId: FactorId;
  /** What its owner named it at the start. */
  readonly name: string | null;
  /** The backup codes that come with it: a new set, or the first factor's. */
  readonly codes: readonly string[] | null;
  readonly first: boolean;
  readonly epoch: number;
  readonly startedAt: number;
};

/** What proves a set-up of one kind. */
export type Evidence =
  | { readonly kind: 'totp' }
  | { readonly kind: 'webauthn'; readonly key: NewKey }
  /** The address that the right code was sent to. */
  | { readonly kind: CodeType; readonly address: string };

export type EvidenceOf<Kind extends FactorType> = Kind extends CodeType
  ? { readonly kind: Kind; readonly address: string }
  : Extract<Evidence, { kind: Kind }>;

/** Records that the first code was correct: up to where codes count as used, and the name to give. */
export type SetupProof<Kind extends FactorType = FactorType> = EvidenceOf<Kind> & {
  /** Becomes the factor's `usedUpTo`. */
  readonly usedUpTo: number;
  readonly label: string;
  readonly isNamed: boolean;
  readonly at: number;
  /** Which address or key was proven, where one set-up may lead to several. Empty if it can lead to only one. */
  readonly thing: string;
  readonly hint: string | null;
};

/** A set-up whose first code was correct. */
export interface Proven<Kind extends FactorType = FactorType> {
  readonly setup: Setup<Kind>;
  readonly proof: SetupProof<Kind>;
}
