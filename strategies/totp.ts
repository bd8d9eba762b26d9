import { ProofStrategy } from './base';

/** `totp`: a code of an authenticator app, in the field `code`. */
export class TotpStrategy extends ProofStrategy {
  readonly name = 'totp';
}
