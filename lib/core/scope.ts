import type { Limits } from '../account/account';
import type { CodeDigests } from '../crypto/digest';
import type { Seal } from '../crypto/seal';
import type { VisitorChallenges } from '../crypto/visitor-challenge';
import type { Delivery } from '../delivery/delivery';
import type { Events } from '../events';
import type { UserVerification } from '../factors/webauthn-challenge';
import type { WebauthnPolicy } from '../factors/webauthn-policy';
import type { RelyingParty } from '../factors/webauthn-relying-party';
import type { Accounts, Pending } from '../stores/contracts';
import type { Kinds } from './kind';

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
