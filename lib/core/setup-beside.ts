import type { NewKey } from '../factors/webauthn-registration';
import type { Login } from '../stores/contracts';
import type { Setup } from './make-setup';
import type { Scope } from './scope';
import { getEntry, putEntry } from './setup-entries';

/** That the first code was right: up to where it counts as used, and the name to give. */
export interface SetupProof {
  /** As the factor's `usedUpTo`. */
  readonly usedUpTo: number;
  readonly label: string;
  readonly isNamed: boolean;
  readonly at: number;
  /** Of codes that are sent: the address that the right one was sent to. */
  readonly address?: { readonly address: string; readonly hint: string };
  /** Of security keys: the key. */
  readonly key?: NewKey;
}

/** What belongs to a set-up beside it, such as the address of one sending. Written once; who has the set-up may. */
export const putBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Setup,
  name: string,
  value: Value,
): Promise<Value> => putEntry(scope, login, besideIdOf(setup, name), value);

export const getBeside = <Value extends object>(
  scope: Scope,
  login: Login,
  setup: Setup,
  name: string,
): Promise<Value | null> => getEntry<Value>(scope, login, besideIdOf(setup, name));

export const proveSetup = (
  scope: Scope,
  login: Login,
  setup: Setup,
  proof: SetupProof,
): Promise<SetupProof> => putBeside(scope, login, setup, 'proof', proof);

export const proofOf = (scope: Scope, login: Login, setup: Setup): Promise<SetupProof | null> =>
  getBeside<SetupProof>(scope, login, setup, 'proof');

// Named after the set-up it proves, so that it can never prove one begun after a cancel.
const besideIdOf = (setup: Setup, name: string): string => `${setup.factorId}:${name}`;
