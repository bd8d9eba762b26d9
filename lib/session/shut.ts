import type { Request } from 'express';
import type { CodeType } from '../account/account';
import { SecondFactorError } from '../errors';
import type { Host } from './host';

const typeOf: ReadonlyMap<unknown, CodeType | null> = new Map([
  ['sms', 'otp-sms'],
  ['email', 'otp-email'],
  [null, null],
]);

/**
 * The channel that opened the first door. One mailbox must not open both (NIST SP 800-63B-4 §3.1.3.1), so an answer
 * that says neither yes nor no fails the login.
 */
export async function shutBy(host: Host, user: unknown, req: Request): Promise<CodeType | null> {
  const { users } = host.options;
  if (!users.passwordResetChannel) return null;
  const type = typeOf.get(await users.passwordResetChannel(user, req));
  if (type !== undefined) return type;
  throw new SecondFactorError(
    'bad_option',
    'users.passwordResetChannel gave something else than a channel.',
    "Return 'sms', 'email' or null, or a promise of one of them.",
  );
}
