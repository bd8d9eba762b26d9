import type { Limits } from '../account/limits';
import type { CodeDigests } from '../crypto/digest';
import type { Seal } from '../crypto/seal';
import type { Delivery } from '../delivery/delivery';
import type { Events } from '../events';
import type { Accounts, Pending } from '../stores/contracts';

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
  readonly setupTries: number;
  /** How long a code that was sent can be typed in. */
  readonly codeLife: number;
}

/** What a use case works with: the parts made at construction, and stores under the deadline of one request. */
export interface Scope {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly pending: Pending;
  readonly seal: Seal;
  readonly codeDigests: CodeDigests;
  readonly delivery: Delivery;
  readonly events: Pick<Events, 'emit'>;
  now(): number;
  /** Waits between two attempts of one save. */
  pause(ms: number): Promise<void>;
}
