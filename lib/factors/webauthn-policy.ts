import type { KeyAlgorithm, WebauthnFactor } from '../account/account';
import { refused, type RefusedByPolicy } from './webauthn-result';

/** What to do when a key's count is no greater than last time: a sign of a copy, but not proof (WebAuthn 3 §6.1.1). */
export type SignCountRule = 'reject' | 'flag' | 'ignore';

/** What the site requires of a key. */
export interface WebauthnPolicy {
  /** For keys bound to a device, which should count correctly, and for those that are copied between devices. */
  readonly signCount: { readonly deviceBound: SignCountRule; readonly synced: SignCountRule };
  /** Refuse to add keys that can be copied. */
  readonly deviceBoundOnly: boolean;
  /** Whether the manufacturer has to vouch for the key. */
  readonly attestation: 'none' | 'direct';
  /** Root certificates (PEM) that a manufacturer's must chain to. If there are any, other keys are refused. */
  readonly roots: readonly string[];
  /** AAGUIDs; null accepts all. Any client can claim one, unless there are `roots`. */
  readonly models: readonly string[] | null;
  /** AAGUIDs that are refused. */
  readonly deniedModels: readonly string[];
}

/** If only some roots are trusted, ask for the certificates that chain to them. */
export const conveyance = (policy: WebauthnPolicy): 'none' | 'direct' =>
  policy.roots.length > 0 ? 'direct' : policy.attestation;

/** Pinned, because the library's own list depends on the version of Node. Preferred first. */
export const algorithms: readonly KeyAlgorithm[] = [-8, -7, -257];

export const isOurAlgorithm = (value: unknown): value is KeyAlgorithm =>
  algorithms.some((algorithm) => algorithm === value);

/** Whether the site accepts a new key. */
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

/** Keys that don't count always say 0. */
export const hasRegressed = (key: WebauthnFactor, signCount: number): boolean =>
  (signCount > 0 || key.signCount > 0) && signCount <= key.signCount;

export const signCountRule = (key: WebauthnFactor, policy: WebauthnPolicy): SignCountRule =>
  key.backupEligible ? policy.signCount.synced : policy.signCount.deviceBound;
