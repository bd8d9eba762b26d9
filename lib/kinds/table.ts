import type { ProofType } from '../account/account';
import { backupCode } from './backup-code';
import type { Row } from './row';
import { otpEmail, otpSms } from './sent-code';
import { totp } from './totp';
import { webauthn } from './webauthn';

export type KindTable = { readonly [Type in ProofType]: Row<Type> };

/** Every kind of proof there is, the strongest first. If a kind lacks something, this does not compile. */
export const kinds: KindTable = {
  webauthn,
  totp,
  'otp-sms': otpSms,
  'otp-email': otpEmail,
  'backup-code': backupCode,
};
