import type { KeyAlgorithm, WebauthnFactor } from '../account/account';
import { refused, type RefusedByPolicy } from './webauthn-result';

/** What to do when a key's count is no greater than last time: a sign of a copy, and no proof (WebAuthn 3 §6.1.1). */
export type SignCountRule = 'reject' | 'flag' | 'ignore';

/** What the site takes of a key. */
export interface WebauthnPolicy {
  /** Of keys bound to a device, which should count right, and of those that are copied between devices. */
  readonly signCount: { readonly deviceBound: SignCountRule; readonly synced: SignCountRule };
  /** Keys that can be copied are refused when they are added. */
  readonly deviceBoundOnly: boolean;
  /** Whether the maker is asked to vouch for the key. */
  readonly attestation: 'none' | 'direct';
  /** Certificates (PEM) that a maker's must lead to. Given some, keys without are refused. */
  readonly roots: readonly string[];
  /** AAGUIDs; null takes all. A claim that any client can make, unless there are `roots`. */
  readonly models: readonly string[] | null;
  /** AAGUIDs that are refused. */
  readonly deniedModels: readonly string[];
}

/** Who trusts roots only has to ask for what leads to them. */
export const conveyance = (policy: WebauthnPolicy): 'none' | 'direct' =>
  policy.roots.length > 0 ? 'direct' : policy.attestation;

/** Pinned, because the library's own list depends on the version of Node. Preferred first. */
export const algorithms: readonly KeyAlgorithm[] = [-8, -7, -257];

export const isOurAlgorithm = (value: unknown): value is KeyAlgorithm =>
  algorithms.some((algorithm) => algorithm === value);

/** Whether a new key is one the site takes. */
export function checkModel(
  key: { readonly backupEligible: boolean; readonly aaguid: string },
  policy: WebauthnPolicy,
): RefusedByPolicy | null {
  if (policy.deviceBoundOnly && key.backupEligible) return refused('synced');
  const isModel = (listed: string): boolean => listed.toLowerCase() === key.aaguid;
  if (policy.deniedModels.some(isModel)) return refused('model');
  if (policy.models && !policy.models.some(isModel)) return refused('model');
  return null;
}

/** Keys that don't count say 0 for ever. */
export const hasRegressed = (key: WebauthnFactor, signCount: number): boolean =>
  (signCount > 0 || key.signCount > 0) && signCount <= key.signCount;

export const signCountRule = (key: WebauthnFactor, policy: WebauthnPolicy): SignCountRule =>
  key.backupEligible ? policy.signCount.synced : policy.signCount.deviceBound;
