import type { Verified } from '../core/verify';
import type { ProofType } from '../account/account';

/** What our strategies hand to Passport: a proof, never a user. */
export interface SecondFactorProof {
  readonly type: ProofType;
  readonly factorId: string | null;
}

// Only this process can make a proof. It can be used once, in the request that brought it: an app that keeps proofs
// could otherwise complete someone else's login with them.
const made = new WeakSet<object>();
const unspent = new WeakMap<object, { readonly verified: Verified; readonly req: object }>();

export function makeProof(verified: Verified, req: object): SecondFactorProof {
  const proof = { type: verified.proof.type, factorId: verified.proof.factorId };
  made.add(proof);
  unspent.set(proof, { verified, req });
  return proof;
}

export const isProof = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && made.has(value);

export function spendProof(value: unknown, req: object): Verified | null {
  if (typeof value !== 'object' || value === null) return null;
  const found = unspent.get(value);
  if (found?.req !== req) return null;
  unspent.delete(value);
  return found.verified;
}
