import { ProofStrategy } from './base';

/** `otp-email`: the code that was sent to one of the user's mailboxes, in the field `code`. */
export class OtpEmailStrategy extends ProofStrategy {
  readonly name = 'otp-email';
}
