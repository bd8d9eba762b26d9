import { BackupCodeStrategy } from './backup-code';
import { OtpEmailStrategy } from './otp-email';
import { OtpSmsStrategy } from './otp-sms';
import { TotpStrategy } from './totp';
import { WebauthnStrategy } from './webauthn';

/** Each is made once for every Passport. */
export const allStrategies = [
  TotpStrategy,
  WebauthnStrategy,
  OtpSmsStrategy,
  OtpEmailStrategy,
  BackupCodeStrategy,
] as const;
