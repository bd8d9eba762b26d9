import type { Request } from 'express';
import { Strategy } from 'passport-strategy';
import type { ProofType } from '../lib/account/account';
import type { Verified } from '../lib/core/verify';
import { statusOfCode, type Refusal } from '../lib/errors';
import { makeProof } from '../lib/session/proof-brand';

/** Checks the proof in a request for the user of its half login, or for `req.user`. */
export type VerifyRequest = (req: Request, type: ProofType) => Promise<Verified | Refusal>;

/**
 * A Passport strategy for one kind of proof. It succeeds with a `SecondFactorProof` (`{ type, factorId }`),
 * never with a user, and fails with a `Refusal` and its HTTP status. `secondFactor()` registers all of them;
 * use them by name, with `assignProperty`:
 *
 * @example
 * passport.authenticate('totp', { assignProperty: 'secondFactorProof' })
 */
export abstract class ProofStrategy extends Strategy {
  abstract readonly name: ProofType;

  // Passport calls through Object.create(strategy), where #private members don't work.
  constructor(private readonly verifyRequest: VerifyRequest) {
    super();
  }

  override authenticate(req: Request): void {
    this.verifyRequest(req, this.name)
      .then((outcome) => (outcome.ok ? this.success(makeProof(outcome, req)) : this.refuse(outcome)))
      .catch((error: unknown) => this.error(error as Error));
  }

  private refuse(refusal: Refusal): void {
    this.fail(refusal as never, statusOfCode[refusal.code]);
  }
}
