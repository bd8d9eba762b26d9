import type { Verified } from '../core/verify';
import type { ProofType } from '../account/account';

/** What a strategy of ours gives to Passport: a proof, and never a user. */
export interface SecondFactorProof {
  readonly type: ProofType;
  readonly factorId: string | null;
}

// Only this process can make one, and it can be spent once.
const proofs = new WeakMap<object, Verified>();

export function makeProof(verified: Verified): SecondFactorProof {
  const proof = { type: verified.proof.type, factorId: verified.proof.factorId };
  proofs.set(proof, verified);
  return proof;
}

export const isProof = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && proofs.has(value);

export function spendProof(value: unknown): Verified | null {
  if (typeof value !== 'object' || value === null) return null;
  const verified = proofs.get(value) ?? null;
  proofs.delete(value);
  return verified;
}
