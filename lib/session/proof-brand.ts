import type { Verified } from '../core/verify';
import type { ProofType } from '../account/account';

/** What our strategies hand to Passport: a proof, never a user. */
export interface SecondFactorProof {
  readonly type: ProofType;
  readonly factorId: string | null;
}

/**
 * Only this process can make a proof, and no copy is one. It can be used once, in the request that brought it: an app
 * that keeps proofs could otherwise complete someone else's login with them.
 */
class Proof implements SecondFactorProof {
  readonly type: ProofType;
  readonly factorId: string | null;
  #unspent: { readonly verified: Verified; readonly req: object } | null;

  constructor(verified: Verified, req: object) {
    this.type = verified.proof.type;
    this.factorId = verified.proof.factorId;
    this.#unspent = { verified, req };
  }

  static is(value: unknown): value is Proof {
    return typeof value === 'object' && value !== null && #unspent in value;
  }

  spend(req: object): Verified | null {
    const found = this.#unspent;
    if (found?.req !== req) return null;
    this.#unspent = null;
    return found.verified;
  }
}

export const makeProof = (verified: Verified, req: object): SecondFactorProof => new Proof(verified, req);

export const isProof = (value: unknown): boolean => Proof.is(value);

export const spendProof = (value: unknown, req: object): Verified | null =>
  Proof.is(value) ? value.spend(req) : null;
