import { ProofStrategy } from './base';

/** `otp-sms`: the code that was sent to one of the user's phones, in the field `code`. */
export class OtpSmsStrategy extends ProofStrategy {
  readonly name = 'otp-sms';
}
